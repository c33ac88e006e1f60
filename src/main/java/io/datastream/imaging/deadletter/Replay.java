package io.datastream.imaging.deadletter;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends selected messages back to the queue that the function reads, message by message.
 *
 * <p>Receivers, senders and deletes run side by side. A message is deleted only after it was accepted, so that a crash
 * at any point leaves it in one queue or in both, and another run finishes the work. What the function would reject
 * again is not sent, as it would only come back.
 */
public final class Replay {

    /**
     * What to send, and how.
     *
     * @param selection which messages
     * @param isForced whether to send also what the function would reject
     * @param skipsRecorded whether to leave what the table has
     * @param isDryRun whether to send nothing
     * @param perSecond messages a second, above 0; empty for no limit
     * @param limit the most messages to send, 1 or more; empty for all
     */
    public record Settings(
            Selection selection,
            boolean isForced,
            boolean skipsRecorded,
            boolean isDryRun,
            OptionalDouble perSecond,
            OptionalLong limit) {

        public Settings {
            if (!(perSecond.orElse(1) > 0) || limit.orElse(1) < 1) {
                throw new IllegalArgumentException("a rate is above 0, and a limit 1 or more");
            }
        }

        /** Whether every message is meant: what SQS's own move task could do, but for what would be rejected. */
        public boolean meansAll() {
            return selection.isAll() && !skipsRecorded && !isDryRun && limit.isEmpty();
        }

        public boolean asksTheTable() {
            return skipsRecorded || selection.asksTheTable();
        }
    }

    /** A send and a delete take two round trips; with so many side by side neither is waited for. */
    private static final int MAXIMUM_SENDERS = 16;

    /** Ten messages in a tenth of a second: time for four round trips of the slowest kind. */
    private static final double PER_SENDER_AND_SECOND = 100;

    /** Longer than the long polls of a scan. */
    private static final Duration FINAL_SCAN = Duration.ofSeconds(5);

    private final RunContext context;
    private final SourceQueue target;
    private final Settings settings;
    private final ReplayTally tally = new ReplayTally();
    private final Outbox outbox;
    private final AtomicLong left;
    private final AtomicBoolean isOver = new AtomicBoolean();

    /** Prepares a replay; it can be run once. */
    public Replay(RunContext context, SourceQueue target, Settings settings) {
        this.context = settings.asksTheTable() ? context : context.withoutTable();
        this.target = target;
        this.settings = settings;
        this.outbox = new Outbox(senders() * DeadLetterQueue.ENTRIES_IN_A_CALL, context.stop());
        this.left = new AtomicLong(settings.limit().orElse(Long.MAX_VALUE));
    }

    /** No more than the rate needs: what they have in hand is away from the queue for a while if the run is killed. */
    private int senders() {
        double perSecond = settings.perSecond().orElse(Double.POSITIVE_INFINITY);
        return (int) Math.min(MAXIMUM_SENDERS, Math.ceil(perSecond / PER_SENDER_AND_SECOND));
    }

    /** What was done so far; for any thread, at any time. */
    public ReplayCounts counts() {
        return tally.counts();
    }

    /** Replays; afterwards nothing is held any more. */
    public ReplayCounts run() {
        RateLimit rate = new RateLimit(settings.perSecond().orElse(Double.POSITIVE_INFINITY), context.clock());
        try (HeldMessages held = context.hold()) {
            ReplaySender sender = new ReplaySender(context, target, held, rate, tally);
            try (ExecutorService senders = Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("send-", 1).factory())) {
                for (int i = 0; i < senders(); i++) {
                    senders.execute(() -> sendAll(sender));
                }
                receiveAll(context.scan(held), sender);
                isOver.set(true);
            }
        }
        context.stop().throwIfFailed();
        return counts();
    }

    private void receiveAll(Scan scan, ReplaySender sender) {
        Scan.Ending ending = scan.run((fresh, again) -> receive(sender, fresh, again));
        awaitSenders();
        // What was lost hold of comes again when its visibility ends; and SQS may take a delete that it refused before.
        // As long as that gets anywhere, it goes on.
        Duration patience = context.visibility().plus(FINAL_SCAN);
        Instant deadline = context.clock().instant().plus(patience);
        while (!sender.hasFinished()
                && context.clock().instant().isBefore(deadline)
                && !context.stop().isRaised()) {
            long deleted = tally.deleted.sum();
            sender.deleteAccepted();
            ending = scan.run((fresh, again) -> receive(sender, fresh, again));
            awaitSenders();
            if (tally.deleted.sum() > deleted) {
                deadline = context.clock().instant().plus(patience);
            }
        }
        if (ending == Scan.Ending.EMPTY) {
            sender.settleUnansweredDeletes();
        }
        tally.isComplete = !context.stop().isRaised() && ending != Scan.Ending.FULL;
    }

    private void awaitSenders() {
        while (!outbox.isFinished() && context.stop().passes(Duration.ofMillis(5))) {
            // The senders count down.
        }
    }

    private boolean receive(ReplaySender sender, List<DeadLetter> fresh, List<DeadLetter> again) {
        sender.deleteAccepted(again);
        List<DeadLetter> toSend = new ArrayList<>();
        for (DeadLetter message : again) {
            if (sender.takesUpAgain(message.messageId())) {
                toSend.add(message);
            }
        }
        List<DeadLetter> unseen = new ArrayList<>(fresh.size());
        for (DeadLetter message : fresh) {
            if (sender.hasSent(message.messageId())) {
                tally.cameBack.increment();
            } else {
                unseen.add(message);
            }
        }
        for (ExaminedMessage examined : context.examiner().examine(unseen)) {
            tally.seen.increment();
            if (isToBeSent(examined) && !settings.isDryRun()) {
                toSend.add(examined.message());
            }
        }
        try {
            for (DeadLetter message : toSend) {
                outbox.put(message);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoppedException();
        }
        return left.get() > 0;
    }

    private boolean isToBeSent(ExaminedMessage examined) {
        if (!settings.selection().includes(examined) || left.get() <= 0) {
            return false;
        }
        if (examined.isRejected() && !settings.isForced()) {
            tally.selected.increment();
            tally.stillRejected(examined.diagnosis().label());
            return false;
        }
        if (examined.isRecorded() && settings.skipsRecorded()) {
            tally.selected.increment();
            tally.alreadyRecorded.increment();
            return false;
        }
        if (left.getAndDecrement() <= 0) {
            return false;
        }
        tally.selected.increment();
        return true;
    }

    private void sendAll(ReplaySender sender) {
        try {
            while (!context.stop().isRaised()) {
                List<DeadLetter> messages = outbox.take();
                if (messages.isEmpty() && isOver.get()) {
                    return;
                }
                if (!messages.isEmpty()) {
                    sender.send(messages);
                    outbox.finished(messages.size());
                }
            }
        } catch (StoppedException e) {
            // The rest is held, and given back at the end.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            context.stop().raise();
        } catch (RuntimeException e) {
            context.stop().fail(e);
        }
    }
}
