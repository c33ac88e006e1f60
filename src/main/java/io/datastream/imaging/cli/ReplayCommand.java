package io.datastream.imaging.cli;

import io.datastream.imaging.deadletter.DeadLetterQueue;
import io.datastream.imaging.deadletter.Inspection;
import io.datastream.imaging.deadletter.MoveTask;
import io.datastream.imaging.deadletter.Replay;
import io.datastream.imaging.deadletter.ReplayCounts;
import io.datastream.imaging.deadletter.RunContext;
import io.datastream.imaging.deadletter.Selection;
import io.datastream.imaging.deadletter.SourceQueue;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code imaging dlq replay}. */
@Command(
        name = "replay",
        description = {
            "Sends messages of the dead-letter queue back to the queue that the function reads.%n",
            "What the function would reject again stays where it is, and makes the exit code 1. A message is deleted only after the queue has accepted it: if the command is cut off, run it again. A message that was sent twice changes nothing in the table.%n",
            "Everything goes by SQS's own move task where SQS allows it, after a look at every message; with a filter it goes message by message."
        })
final class ReplayCommand implements Callable<Integer> {

    private static final Duration MOVE_TASK_LOOK = Duration.ofSeconds(1);

    @Mixin
    private PipelineOptions pipeline = new PipelineOptions();

    @Mixin
    private SelectionOptions selection = new SelectionOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Option(names = "--limit", paramLabel = "N", description = "Send N messages at most.")
    private @Nullable Long limit;

    @Option(names = "--rate", paramLabel = "N", description = "Send N messages a second at most.")
    private @Nullable Double rate;

    @Option(names = "--skip-recorded", description = "Leave what the table has already.")
    private boolean skipRecorded;

    @Option(names = "--dry-run", description = "Say what would go, and send and delete nothing.")
    private boolean dryRun;

    @Option(names = "--force", description = "Send also what the function would reject.")
    private boolean force;

    @Spec
    private @Nullable CommandSpec command;

    @Override
    public Integer call() {
        Output to = new Output(Objects.requireNonNull(command), output);
        Replay.Settings settings = settings(selection.selection(Instant.now()));
        try (Session session = new Session(pipeline)) {
            SourceQueue target = session.sourceQueue();
            if (settings.asksTheTable() && !session.knowsTable()) {
                throw new OperatorException(
                        "recorded and not recorded are known to the table only: give --stack, or --table NAME");
            }
            RunContext context = session.runContext();
            if (settings.meansAll()) {
                Optional<Integer> moved = moveAll(to, session, context, target);
                if (moved.isPresent()) {
                    return moved.get();
                }
            }
            return replay(to, context, target, settings);
        }
    }

    private Replay.Settings settings(Selection selected) {
        try {
            return new Replay.Settings(
                    selected,
                    force,
                    skipRecorded,
                    dryRun,
                    rate == null ? OptionalDouble.empty() : OptionalDouble.of(rate),
                    limit == null ? OptionalLong.empty() : OptionalLong.of(limit));
        } catch (IllegalArgumentException e) {
            throw new OperatorException("--rate is above 0, and --limit 1 or more", e);
        }
    }

    /** Empty if it has to go message by message. */
    private Optional<Integer> moveAll(Output to, Session session, RunContext context, SourceQueue target) {
        DeadLetterQueue queue = context.queue();
        if (rate != null && (rate > MoveTask.MAXIMUM_PER_SECOND || rate < 1)) {
            return Optional.empty();
        }
        if (!force && !wouldAllPass(to, context)) {
            return Optional.empty();
        }
        OptionalInt perSecond = rate == null ? OptionalInt.empty() : OptionalInt.of(rate.intValue());
        return switch (MoveTask.start(session.sqs(), queue, target, perSecond)) {
            case MoveTask.Start.Started started -> Optional.of(await(to, session, started.task()));
            case MoveTask.Start.AlreadyRunning running ->
                throw new OperatorException(String.format(
                        "a move task is running on this queue already (%,d of %,d moved): wait for its end, or cancel it"
                                + " with `aws sqs cancel-message-move-task`",
                        running.progress().moved(), running.progress().toMove()));
            case MoveTask.Start.Refused refused -> {
                to.remark("SQS has no move task for this queue (%s): going message by message.", refused.errorCode());
                yield Optional.empty();
            }
        };
    }

    private static boolean wouldAllPass(Output to, RunContext context) {
        Inspection inspection = Inspection.withoutTable(context);
        long expected = context.queue().depth().visible();
        Inspection.Report report = to.withProgress("checked", inspection::seen, expected, inspection::run);
        return report.isComplete()
                && report.seen() > 0
                && report.groups().stream().noneMatch(Inspection.Group::isRejected);
    }

    private static MoveTask.Progress await(Session session, MoveTask task, AtomicLong moved) {
        MoveTask.Progress progress = task.progress();
        while (!progress.isOver()) {
            moved.set(progress.moved());
            if (!session.stop().passes(MOVE_TASK_LOOK)) {
                task.cancel();
                return task.progress();
            }
            progress = task.progress();
        }
        return progress;
    }

    private static int await(Output to, Session session, MoveTask task) {
        AtomicLong moved = new AtomicLong();
        MoveTask.Progress last =
                to.withProgress("moved", moved::get, task.progress().toMove(), () -> await(session, task, moved));
        if (to.isJson()) {
            to.json(json -> {
                json.writeStringField("by", "move-task");
                json.writeStringField("status", last.status());
                json.writeNumberField("moved", last.moved());
                json.writeNumberField("toMove", last.toMove());
            });
        } else {
            to.line(
                    "SQS's move task: %s, about %,d messages moved%s.%s",
                    last.status().toLowerCase(Locale.ROOT),
                    last.moved(),
                    last.toMove() > last.moved() ? String.format(Locale.ROOT, " of %,d", last.toMove()) : "",
                    last.failure().map(reason -> " " + reason).orElse(""));
        }
        return last.isComplete() ? ImagingCommand.DONE : ImagingCommand.SOMETHING_LEFT;
    }

    private int replay(Output to, RunContext context, SourceQueue target, Replay.Settings settings) {
        Replay replay = new Replay(context, target, settings);
        DeadLetterQueue.Depth before = context.queue().depth();
        long expected = before.visible();
        ReplayCounts counts = settings.isDryRun()
                ? to.withProgress("looked at", () -> replay.counts().seen(), expected, replay::run)
                : to.withProgress(
                        "sent", () -> replay.counts().accepted(), settings.meansAll() ? expected : 0, replay::run);
        if (to.isJson()) {
            writeJson(to, counts);
        } else {
            print(to, counts, before);
        }
        return counts.isClean() && counts.isComplete() ? ImagingCommand.DONE : ImagingCommand.SOMETHING_LEFT;
    }

    private void print(Output to, ReplayCounts counts, DeadLetterQueue.Depth before) {
        if (counts.seen() == 0 && counts.isComplete()) {
            to.line("Nothing to replay: the dead-letter queue is empty.%s", Output.elsewhere(before));
            return;
        }
        long stillRejected = counts.stillRejected().values().stream()
                .mapToLong(Long::longValue)
                .sum();
        to.line("%,d messages seen, %,d selected.%s", counts.seen(), counts.selected(), Output.elsewhere(before));
        if (dryRun) {
            to.line("%,d would be sent; nothing was.", counts.selected() - stillRejected - counts.alreadyRecorded());
        } else {
            to.line("%,d sent, %,d of them deleted from the dead-letter queue.", counts.accepted(), counts.deleted());
        }
        if (counts.alreadyRecorded() > 0) {
            to.line("%,d left where they are: the table has them.", counts.alreadyRecorded());
        }
        if (stillRejected > 0) {
            to.line(
                    "%,d left where they are, as the function would reject them again: %s.",
                    stillRejected, Output.counts(counts.stillRejected()));
        }
        if (!counts.refused().isEmpty()) {
            to.line("Not accepted by SQS, still in the dead-letter queue: %s.", Output.counts(counts.refused()));
        }
        if (counts.undeleted() > 0) {
            to.line("%,d are in both queues: run the command again.", counts.undeleted());
        }
        if (counts.cameBack() > 0) {
            to.line("%,d have failed again meanwhile, and were not sent a second time.", counts.cameBack());
        }
        if (!counts.isComplete()) {
            to.line("Not all was seen: run the command again.");
        }
    }

    private void writeJson(Output to, ReplayCounts counts) {
        to.json(json -> {
            json.writeStringField("by", "message");
            json.writeBooleanField("dryRun", dryRun);
            json.writeBooleanField("complete", counts.isComplete());
            json.writeNumberField("seen", counts.seen());
            json.writeNumberField("selected", counts.selected());
            json.writeNumberField("accepted", counts.accepted());
            json.writeNumberField("deleted", counts.deleted());
            json.writeNumberField("alreadyRecorded", counts.alreadyRecorded());
            json.writeNumberField("cameBack", counts.cameBack());
            Output.writeCounts(json, "stillRejected", counts.stillRejected());
            Output.writeCounts(json, "refused", counts.refused());
        });
    }
}
