package io.datastream.imaging.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.datastream.imaging.deadletter.Cancellation;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * What every command has: its options for output, its result as text or as JSON, its exit code, errors in one line, and
 * Ctrl-C.
 */
abstract class BaseCommand implements Callable<Integer> {

    /** All is done, and all is well. */
    static final int DONE = 0;

    /** Something could not be done, or a person is needed. */
    static final int NOT_DONE = 1;

    /** The command cannot work with what it was given. */
    static final int WRONG_USAGE = 2;

    /** Ctrl-C waits so long for the run to release its messages. The others are visible after their timeout. */
    private static final long SHUTDOWN_SECONDS = 30;

    private static final ObjectMapper JSON = JsonMapper.builder()
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
            .build();

    @Option(names = "--json", description = "Print one JSON object, and no progress.")
    private boolean isJson;

    @Option(names = "--verbose", description = "Print the stack trace of an error, without names.")
    private boolean isVerbose;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    boolean help;

    @Spec
    private @Nullable CommandSpec spec;

    final Cancellation cancellation = new Cancellation();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread atCtrlC = new Thread(this::cancelAndWait, "ctrl-c");

    /**
     * What a command found or did.
     *
     * @param json a record, for {@code --json}
     * @param lines the same for people
     * @param problems what could not be done, or needs a person; if there are any, the exit code is 1
     */
    record Result(Object json, List<String> lines, List<String> problems) {

        Result {
            lines = List.copyOf(lines);
            problems = List.copyOf(problems);
        }
    }

    /**
     * The JSON of every command.
     *
     * @param command the name, such as {@code dlq inspect}
     * @param exitCode 0, 1 or 2
     * @param problems what could not be done, or needs a person
     * @param result of this command; absent after an error
     */
    record Envelope(String command, int exitCode, List<String> problems, @Nullable Object result) {}

    /**
     * Does the work.
     *
     * @throws OperatorException if the command cannot work with what it was given: exit code 2
     * @throws Exception every other failure: exit code 1
     */
    abstract Result run() throws Exception;

    /** The record in the field {@code result} of the JSON. */
    abstract Class<? extends Record> resultType();

    @Override
    public final Integer call() {
        Runtime.getRuntime().addShutdownHook(atCtrlC);
        try {
            return print(run());
        } catch (OperatorException e) {
            return printError(e, WRONG_USAGE);
        } catch (Exception | OutOfMemoryError | StackOverflowError e) {
            return printError(e, NOT_DONE);
        } finally {
            ended.countDown();
        }
    }

    /** At Ctrl-C: the run stops, releases its messages, and its last line is printed. */
    private void cancelAndWait() {
        cancellation.cancel();
        try {
            ended.await(SHUTDOWN_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int print(Result result) {
        int exitCode = result.problems().isEmpty() ? DONE : NOT_DONE;
        if (isJson) {
            return printJson(exitCode, result.problems(), result.json());
        }
        List<String> lines = new ArrayList<>(result.lines());
        result.problems().forEach(problem -> lines.add("! " + problem));
        lines.forEach(spec().commandLine().getOut()::println);
        return checked(exitCode);
    }

    private int printJson(int exitCode, List<String> problems, @Nullable Object result) {
        Envelope envelope =
                new Envelope(spec().qualifiedName().replaceFirst("^imaging ", ""), exitCode, problems, result);
        try {
            spec().commandLine().getOut().println(JSON.writeValueAsString(envelope));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record cannot be written as JSON", e);
        }
        return checked(exitCode);
    }

    /** A command whose result could not be written is not done. */
    private int checked(int exitCode) {
        PrintWriter out = spec().commandLine().getOut();
        out.flush();
        if (out.checkError()) {
            remark("imaging: cannot write to standard output");
            return Math.max(exitCode, NOT_DONE);
        }
        return exitCode;
    }

    final int printError(Throwable failure, int exitCode) {
        String text = ErrorMessage.of(failure);
        remark("imaging: " + text);
        remarkTrace(failure);
        return isJson ? printJson(exitCode, List.of(text), null) : exitCode;
    }

    /** Classes and lines only: a message could contain a name. */
    final void remarkTrace(Throwable failure) {
        for (@Nullable Throwable cause = failure; isVerbose && cause != null; cause = cause.getCause()) {
            remark("  " + cause.getClass().getName());
            Arrays.stream(cause.getStackTrace()).forEach(frame -> remark("    at " + frame));
        }
    }

    /** Prints a line that is no part of the result. */
    final void remark(String line) {
        spec().commandLine().getErr().println(line);
        spec().commandLine().getErr().flush();
    }

    /**
     * Works, and shows progress meanwhile.
     *
     * @param verb what is done, such as {@code seen}
     * @param done how many there are so far
     * @param total about how many there will be; 0 if that is not known
     */
    final <T> T withProgress(String verb, LongSupplier done, LongSupplier total, Callable<T> work) throws Exception {
        if (isJson) {
            return work.call();
        }
        Progress progress = new Progress(spec().commandLine().getErr(), verb, done, total);
        try {
            return work.call();
        } finally {
            progress.close();
        }
    }

    private CommandSpec spec() {
        return Objects.requireNonNull(spec);
    }

    /** Formats with thousands separators, the same in every country. */
    static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    /** The command cannot work with what it was given. The message is one line and contains what to do. */
    static final class OperatorException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        OperatorException(String message) {
            super(message);
        }

        OperatorException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
