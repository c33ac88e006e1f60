package io.datastream.imaging.cli;

import io.datastream.imaging.deadletter.Drain;
import io.datastream.imaging.deadletter.Inspect;
import io.datastream.imaging.deadletter.MessageExaminer;
import io.datastream.imaging.deadletter.Selection;
import io.datastream.imaging.notification.ObjectCreated;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code imaging dlq inspect}. */
@Command(
        name = "inspect",
        description = {
            "Shows what is in the dead-letter queue and why.%n",
            "Each message is read with the function's own code and its deployed pattern. What the function would accept is looked up in the table: recorded, or not-recorded. Nothing changes but the receive count.%n",
            DrainCommand.LEASES
        })
final class InspectCommand extends DrainCommand {

    private static final int MOST_LISTED = 1_000;

    @Mixin
    private SelectionOptions selection = new SelectionOptions();

    @Option(
            names = "--show",
            paramLabel = "N",
            description = "Print N bodies as well, at most 1,000. Names are masked.")
    private int show;

    @Option(
            names = "--reveal",
            description = "List the first 1,000 messages with object key, size and time, and do not mask names.")
    private boolean reveal;

    /** The JSON of this command. Messages are listed with --show or --reveal. */
    record Inspected(Run run, List<Group> groups, @Nullable List<Listed> messages) {}

    /** Messages with the same reason. */
    record Group(
            String reason,
            long messages,
            String firstMessageId,
            String firstSentAt,
            String lastMessageId,
            String lastSentAt,
            int mostReceives) {}

    /** A message. Its uploads are listed with --reveal only. */
    record Listed(
            String messageId, String reason, String sentAt, @Nullable List<Upload> uploads, @Nullable String body) {}

    /** An upload that a message notifies. */
    record Upload(String key, long size, String time) {}

    @Override
    Class<? extends Record> resultType() {
        return Inspected.class;
    }

    @Override
    Result run() throws Exception {
        if (show < 0 || show > MOST_LISTED) {
            throw new OperatorException("--show is from 0 to 1000");
        }
        Instant now = clock().instant();
        Selection selected = selection.selection(now);
        Optional<MessageExaminer.Table> table = selected.needsTable() ? requiredTable() : table();
        Inspect inspect = new Inspect(selected, reveal ? MOST_LISTED : show);
        Drain.Report report = drain(inspect, examiner(table));
        List<Listed> listed = IntStream.range(0, inspect.samples().size())
                .mapToObj(i -> listed(inspect.samples().get(i), i < show))
                .toList();
        List<Group> groups = inspect.groups().stream()
                .map(group -> new Group(
                        group.reason(),
                        group.messages(),
                        group.first().messageId(),
                        group.first().sentAt().toString(),
                        group.last().messageId(),
                        group.last().sentAt().toString(),
                        group.mostReceives()))
                .toList();
        List<String> lines = new ArrayList<>(List.of(seen(report)));
        inspect.groups().forEach(group -> lines.addAll(lines(group, now)));
        listed.forEach(message -> lines.addAll(lines(message)));
        if (table.isEmpty() && report.seen() > 0) {
            lines.add("");
            lines.add("Not looked up in the table: give --stack or --table to see which messages are recorded.");
        }
        return new Result(
                new Inspected(Run.of(report), groups, reveal || show > 0 ? listed : null), lines, problems(report));
    }

    private Listed listed(Inspect.Sample sample, boolean withBody) {
        String body = sample.message().body();
        return new Listed(
                sample.message().messageId(),
                sample.reason(),
                sample.message().sentAt().toString(),
                reveal ? sample.uploads().stream().map(InspectCommand::upload).toList() : null,
                withBody ? (reveal ? body : BodyMask.mask(body)) : null);
    }

    private static Upload upload(ObjectCreated upload) {
        return new Upload(upload.objectKey(), upload.size(), upload.eventTime().toString());
    }

    private static List<String> lines(Inspect.Group group, Instant now) {
        return List.of(
                "",
                text("%,9d  %s", group.messages(), group.reason()),
                "           first " + group.first().messageId() + "  sent "
                        + timeAndAge(group.first().sentAt(), now),
                "           last  " + group.last().messageId() + "  sent "
                        + timeAndAge(group.last().sentAt(), now),
                text("           receives: %,d at most", group.mostReceives()));
    }

    private static List<String> lines(Listed message) {
        List<String> lines = new ArrayList<>(List.of("", message.messageId() + "  " + message.reason()));
        if (message.uploads() != null) {
            message.uploads()
                    .forEach(upload -> lines.add(
                            text("  %s  %,d bytes, uploaded %s", upload.key(), upload.size(), upload.time())));
        }
        if (message.body() != null) {
            lines.add(message.body());
        }
        return lines;
    }

    /** Such as {@code 2026-11-23T09:30:01Z, 3 h ago}. */
    private static String timeAndAge(Instant time, Instant now) {
        return time.truncatedTo(ChronoUnit.SECONDS) + ", " + age(Duration.between(time, now)) + " ago";
    }

    /** In the largest unit of which there are at least two. */
    private static String age(Duration age) {
        if (age.toDays() > 1) {
            return age.toDays() + " d";
        }
        if (age.toHours() > 1) {
            return age.toHours() + " h";
        }
        return age.toMinutes() > 1 ? age.toMinutes() + " min" : Math.max(0, age.toSeconds()) + " s";
    }
}
