package io.datastream.imaging.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.datastream.imaging.deadletter.DeadLetterQueue;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;

/** Where a command prints: results go to standard output, as text or JSON; progress to standard error. */
final class Output {

    private static final JsonFactory JSON = new JsonFactory();

    /** Writes the fields of an object. */
    @FunctionalInterface
    interface Fields {
        void writeTo(JsonGenerator json) throws IOException;
    }

    private final PrintWriter out;
    private final PrintWriter error;
    private final boolean isJson;

    Output(CommandSpec command, OutputOptions options) {
        this.out = command.commandLine().getOut();
        this.error = command.commandLine().getErr();
        this.isJson = options.json;
    }

    boolean isJson() {
        return isJson;
    }

    /** Prints a line of a result for people. */
    void line(String format, Object... values) {
        out.println(values.length == 0 ? format : String.format(Locale.ROOT, format, values));
        out.flush();
    }

    /** Prints a remark that is no part of the result. */
    void remark(String format, Object... values) {
        error.println(String.format(Locale.ROOT, format, values));
        error.flush();
    }

    /** Prints the result for scripts. */
    void json(Fields fields) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            fields.writeTo(json);
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException("writing to memory", impossible);
        }
        out.println(text);
        out.flush();
    }

    /** What takes its time. */
    @FunctionalInterface
    interface Work<T, X extends Exception> {
        T run() throws X;
    }

    /**
     * Works, and shows progress meanwhile.
     *
     * @param verb what is done to the messages
     * @param done how many there are so far
     * @param total about how many there will be; 0 if nobody knows
     */
    <T, X extends Exception> T withProgress(String verb, LongSupplier done, long total, Work<T, X> work) throws X {
        Progress progress = Progress.show(isJson ? new PrintWriter(Writer.nullWriter()) : error, verb, done, total);
        try {
            return work.run();
        } finally {
            progress.end();
        }
    }

    static void writeCounts(JsonGenerator json, String field, SortedMap<String, Long> counts) throws IOException {
        json.writeObjectFieldStart(field);
        for (Map.Entry<String, Long> count : counts.entrySet()) {
            json.writeNumberField(count.getKey(), count.getValue());
        }
        json.writeEndObject();
    }

    /** Such as {@code 12 no-patient-id, 3 not-json}. */
    static String counts(SortedMap<String, Long> counts) {
        return counts.entrySet().stream()
                .map(count -> String.format(Locale.ROOT, "%,d %s", count.getValue(), count.getKey()))
                .collect(Collectors.joining(", "));
    }

    /** Says that there is more than can be seen now; empty if there is not. */
    static String elsewhere(DeadLetterQueue.Depth depth) {
        return depth.inFlight() == 0
                ? ""
                : String.format(
                        Locale.ROOT,
                        " About %,d more are with another reader, or on their way back from a run that was cut off.",
                        depth.inFlight());
    }

    /** Such as {@code 2026-11-23T09:30:01Z, 3 h ago}. */
    static String timeAndAge(Instant time, Instant now) {
        return time.truncatedTo(ChronoUnit.SECONDS) + ", " + age(Duration.between(time, now)) + " ago";
    }

    /** In the largest unit that there are at least two of. */
    static String age(Duration age) {
        if (age.toDays() > 1) {
            return age.toDays() + " d";
        }
        if (age.toHours() > 1) {
            return age.toHours() + " h";
        }
        return age.toMinutes() > 1 ? age.toMinutes() + " min" : Math.max(0, age.toSeconds()) + " s";
    }
}
