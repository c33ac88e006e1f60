package io.datastream.imaging.cli;

import io.datastream.imaging.deadletter.Drain;
import io.datastream.imaging.deadletter.MessageExaminer;
import io.datastream.imaging.deadletter.Queue;
import io.datastream.imaging.deadletter.RateLimit;
import io.datastream.imaging.deadletter.Replay;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code imaging dlq replay}. */
@Command(
        name = "replay",
        description = {
            "Sends messages of the dead-letter queue back to the queue that the function reads.%n",
            "A message is deleted only after the queue has accepted it. If the command is killed, run it again: a message that is sent twice changes nothing in the table. What the function would reject again is not sent, and makes the exit code 1.%n",
            DrainCommand.LEASES
        })
final class ReplayCommand extends DrainCommand {

    @Mixin
    private SelectionOptions selection = new SelectionOptions();

    @Option(
            names = "--queue",
            paramLabel = "QUEUE",
            description = "URL or name of the queue to send to, if it is not that of the stack.")
    private @Nullable String queue;

    @Option(names = "--limit", paramLabel = "N", description = "Send at most N messages, 1 or more.")
    private @Nullable Long limit;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Send at most N messages in each second, from 0.01 to 10000.")
    private @Nullable Double rate;

    @Option(names = "--skip-recorded", description = "Do not send what the table has already.")
    private boolean skipRecorded;

    @Option(names = "--dry-run", description = "Show what would be sent. Nothing is sent or deleted.")
    private boolean dryRun;

    @Option(names = "--force", description = "Send also what the function would reject again.")
    private boolean force;

    /** The JSON of this command. In a dry run, {@code counts.sent} is what would be sent. */
    record Replayed(Run run, boolean dryRun, Replay.Counts counts) {}

    @Override
    Class<? extends Record> resultType() {
        return Replayed.class;
    }

    @Override
    Result run() throws Exception {
        if (rate != null && !(rate >= RateLimit.MINIMUM && rate <= RateLimit.MAXIMUM)) {
            throw new OperatorException("--rate is from 0.01 to 10000 messages a second");
        }
        if (limit != null && limit < 1) {
            throw new OperatorException("--limit is 1 or more");
        }
        Replay.Settings settings = new Replay.Settings(
                selection.selection(clock().instant()),
                force,
                skipRecorded,
                dryRun,
                rate == null ? OptionalDouble.empty() : OptionalDouble.of(rate),
                limit == null ? OptionalLong.empty() : OptionalLong.of(limit));
        Queue target = queue(given(queue, "--queue QUEUE", DeployedStack.QUEUE_URL));
        if (target.arn().equals(deadLetters().arn())) {
            throw new OperatorException("--queue and --dlq are the same queue: give the one that the function reads");
        }
        Optional<MessageExaminer.Table> table = settings.needsTable() ? requiredTable() : Optional.empty();
        MessageExaminer examiner = examiner(table);
        Replay replay = new Replay(target, settings, cancellation, clock());
        Drain.Report report = drain(replay, examiner);
        Replay.Counts counts = replay.counts();
        return new Result(
                new Replayed(Run.of(report), dryRun, counts), lines(report, counts), problems(report, counts));
    }

    private List<String> lines(Drain.Report report, Replay.Counts counts) {
        List<String> lines = new ArrayList<>(List.of(seen(report)));
        if (report.seen() > 0) {
            lines.add(
                    dryRun
                            ? text("%,d selected. %,d would be sent; nothing was.", counts.selected(), counts.sent())
                            : text(
                                    "%,d selected. %,d sent, and %,d deleted from the dead-letter queue.",
                                    counts.selected(), counts.sent(), report.deleted()));
        }
        if (counts.alreadyRecorded() > 0) {
            lines.add(text("%,d not sent, because the table has them.", counts.alreadyRecorded()));
        }
        return lines;
    }

    private List<String> problems(Drain.Report report, Replay.Counts counts) {
        List<String> problems = new ArrayList<>();
        if (!counts.stillRejected().isEmpty()) {
            problems.add("Not sent, because the function would reject them again: " + counts(counts.stillRejected())
                    + ". Mend the pattern, or save and drop them.");
        }
        if (!counts.refused().isEmpty()) {
            problems.add("Refused by the queue, and still in the dead-letter queue: " + counts(counts.refused()) + ".");
        }
        if (counts.cameBack() > 0) {
            problems.add(text("%,d failed again meanwhile, and were not sent twice.", counts.cameBack()));
        }
        problems.addAll(problems(report));
        return problems;
    }
}
