package io.datastream.imaging.cli;

import io.datastream.imaging.deadletter.Action;
import io.datastream.imaging.deadletter.Diagnosis;
import io.datastream.imaging.deadletter.Drain;
import io.datastream.imaging.deadletter.MessageExaminer;
import io.datastream.imaging.deadletter.Queue;
import io.datastream.imaging.deadletter.Selection;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/** A command that drains a dead-letter queue with an action. */
abstract class DrainCommand extends PipelineCommand {

    /** In the help of each of these commands. */
    static final String LEASES =
            "While it runs, messages are leased: no other consumer gets them. At the end it releases what it has not deleted. If it is killed, SQS releases the rest after the visibility timeout, which is chosen from the queue's depth: 15 s or more, at most 1 h. Each call to AWS is retried for up to 2 minutes.%n";

    private static final int DAYS_OF_RETENTION = 14;

    @Option(
            names = "--dlq",
            paramLabel = "QUEUE",
            description = "URL or name of the dead-letter queue, if it is not that of the stack.")
    private @Nullable String deadLetterQueue;

    @Option(names = "--table", paramLabel = "NAME", description = "Table of records, if it is not that of the stack.")
    private @Nullable String tableName;

    @Option(
            names = "--pattern",
            paramLabel = "REGEX",
            description = "Patient ID pattern, if it is not the deployed one.")
    private @Nullable String pattern;

    @Option(
            names = "--wait",
            description = "Begin only when no other consumer leases a message, for example after a run was killed.")
    private boolean waits;

    private @Nullable Queue queue;

    /**
     * The run, in messages; a part of the JSON of each of these commands.
     *
     * @param waiting visible at the start, approximately
     * @param seen received, each counted once
     * @param kept still in the queue after it was seen, by reason
     * @param leasedElsewhere leased by others at the end, or visible again
     * @param complete whether every message of the queue was seen
     * @param ending why the run ended, such as {@code all-seen}
     * @param visibilitySeconds how long messages stay leased after a crash
     */
    record Run(
            long waiting,
            long seen,
            long deleted,
            long undeleted,
            Map<String, Long> kept,
            long leasedElsewhere,
            long unreleased,
            boolean complete,
            String ending,
            long visibilitySeconds) {

        static Run of(Drain.Report report) {
            return new Run(
                    report.before().visible(),
                    report.seen(),
                    report.deleted(),
                    report.undeleted(),
                    report.kept(),
                    report.leasedElsewhere(),
                    report.unreleased(),
                    report.isComplete(),
                    report.ending().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                    report.visibility().toSeconds());
        }
    }

    /** Which messages a command is about. */
    static final class SelectionOptions {

        @Option(
                names = "--reason",
                paramLabel = "REASON",
                split = ",",
                description = "Only messages with one of these reasons, as `dlq inspect` names them.")
        private List<String> reasons = new ArrayList<>();

        @Option(
                names = "--key-prefix",
                paramLabel = "PREFIX",
                description = "Only messages about objects whose key begins so.")
        private @Nullable String keyPrefix;

        @Option(
                names = "--since",
                paramLabel = "TIME",
                converter = Time.class,
                description = "Only messages sent at this time or later, such as 2026-11-23T09:30:00Z.")
        private @Nullable Instant since;

        @Option(
                names = "--older-than",
                paramLabel = "AGE",
                converter = Age.class,
                description = "Only messages sent longer ago than this: 90s, 30m, 12h, up to 14d.")
        private @Nullable Duration olderThan;

        Selection selection(Instant now) {
            if (since != null && since.isAfter(now)) {
                throw new OperatorException("--since is in the future: it selects nothing");
            }
            try {
                return new Selection(
                        new HashSet<>(reasons),
                        Optional.ofNullable(keyPrefix),
                        Optional.ofNullable(since),
                        Optional.ofNullable(olderThan).map(now::minus));
            } catch (IllegalArgumentException e) {
                throw new OperatorException("--reason: " + e.getMessage(), e);
            }
        }
    }

    static final class Time implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String value) {
            try {
                return OffsetDateTime.parse(value).toInstant();
            } catch (DateTimeException e) {
                throw new TypeConversionException("not a time with its zone, such as 2026-11-23T09:30:00Z");
            }
        }
    }

    static final class Age implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String value) {
            if (value.matches("[0-9]{1,9}[smhdSMHD]")) {
                String text = value.toUpperCase(Locale.ROOT);
                Duration age = Duration.parse(text.endsWith("D") ? "P" + text : "PT" + text);
                if (age.isPositive() && age.compareTo(Duration.ofDays(DAYS_OF_RETENTION)) <= 0) {
                    return age;
                }
            }
            throw new TypeConversionException("not an age from 1s to 14d, such as 90s, 30m, 12h or 2d");
        }
    }

    final Queue deadLetters() throws Exception {
        if (queue == null) {
            queue = queue(given(deadLetterQueue, "--dlq QUEUE", DeployedStack.DEAD_LETTER_QUEUE_URL));
        }
        return queue;
    }

    final Optional<MessageExaminer.Table> table() throws Exception {
        return table(tableName);
    }

    /** The table, for a selection that cannot be made without it. */
    final Optional<MessageExaminer.Table> requiredTable() throws Exception {
        Optional<MessageExaminer.Table> table = table();
        if (table.isEmpty()) {
            throw new OperatorException(
                    "only a lookup in the table shows which messages are recorded: give --stack NAME or --table NAME");
        }
        return table;
    }

    final MessageExaminer examiner(Optional<MessageExaminer.Table> table) throws Exception {
        return new MessageExaminer(reader(pattern), table);
    }

    final Drain.Report drain(Action action, MessageExaminer examiner) throws Exception {
        Queue from = deadLetters();
        Queue.Depth depth = from.depth();
        if (waits && depth.inFlight() > 0) {
            AtomicLong inFlight = new AtomicLong(depth.inFlight());
            withProgress("leased by other consumers:", inFlight::get, () -> 0, () -> {
                while (inFlight.get() > 0 && cancellation.passes(Duration.ofSeconds(1))) {
                    inFlight.set(from.depth().inFlight());
                }
                return inFlight;
            });
        }
        Drain drain = new Drain(from, examiner, action, cancellation, clock());
        return withProgress("seen", drain::seen, depth::visible, drain::run);
    }

    /** The first line of each result. */
    static String seen(Drain.Report report) {
        if (report.seen() == 0) {
            return report.isComplete() ? "The dead-letter queue is empty." : "No message was seen.";
        }
        return text(
                "%,d messages seen of about %,d.",
                report.seen(), Math.max(report.seen(), report.before().visible()));
    }

    /** What every command reports of its run, if it is not as it should be. */
    final List<String> problems(Drain.Report report) {
        List<String> problems = new ArrayList<>();
        switch (report.ending()) {
            case ALL_SEEN, ENOUGH -> {}
            case CANCELLED -> problems.add("Stopped. Not all was seen. Nothing is lost: run the command again.");
            case FAILED ->
                problems.add("Not all was done: "
                        + report.failure().map(this::text).orElse("unknown")
                        + ". Nothing is lost.");
            case TIME ->
                problems.add(text(
                        "Stopped before the leases of %,d s end. About %,d messages were not seen: run the command again.",
                        report.visibility().toSeconds(), report.before().visible() - report.seen()));
            case FULL ->
                problems.add(text(
                        "Not all was seen: one run can lease %,d messages, and the queue has more. Most that were kept"
                                + " are %s. Replay these first, or save and drop them.",
                        Drain.MAXIMUM_LEASES, counts(largestFirst(report.kept()))));
        }
        if (report.leasedElsewhere() > 0 && report.ending() != Drain.Ending.ENOUGH) {
            problems.add(text(
                    "Not all was seen: %,d messages are leased by another consumer, or by a run that was killed. Run the"
                            + " command again with --wait, which waits until they are back.",
                    report.leasedElsewhere()));
        }
        if (report.undeleted() > 0) {
            problems.add(text("%,d messages could not be deleted: run the command again.", report.undeleted()));
        }
        if (report.unreleased() > 0) {
            problems.add(text(
                    "%,d messages could not be released: they are visible again in %,d s or less.",
                    report.unreleased(), report.visibility().toSeconds()));
        }
        long refused = report.kept().getOrDefault(Diagnosis.Accepted.LOOKUP_REFUSED.label(), 0L);
        if (refused > 0) {
            problems.add(text("DynamoDB refused to look up the keys of %,d messages.", refused));
        }
        return problems;
    }

    /** With the key's name, if it is the cause. */
    private String text(Throwable failure) {
        remarkTrace(failure);
        String text = ErrorMessage.of(failure);
        if (failure instanceof AwsServiceException answer && ErrorMessage.isOfKey(answer)) {
            try {
                return text + " (key " + deadLetters().key().orElse("of the other queue") + ")";
            } catch (Exception e) {
                return text;
            }
        }
        return text;
    }

    private static Map<String, Long> largestFirst(Map<String, Long> counts) {
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
                .limit(3)
                .collect(Collectors.toMap(
                        Map.Entry::getKey, Map.Entry::getValue, (one, other) -> one, java.util.LinkedHashMap::new));
    }

    /** Such as {@code 12 no-patient-id, 3 not-json}. */
    static String counts(Map<String, Long> counts) {
        return counts.entrySet().stream()
                .map(count -> text("%,d %s", count.getValue(), count.getKey()))
                .collect(Collectors.joining(", "));
    }
}
