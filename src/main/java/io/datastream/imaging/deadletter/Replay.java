package io.datastream.imaging.deadletter;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * Sends selected messages back to the queue that the function reads. The drain deletes a message only after this queue
 * has accepted it, so that a crash leaves it in one queue or in both.
 *
 * <p>What the function would reject again is not sent, because it would only return.
 */
public final class Replay implements Action {

    /**
     * What to send, and how.
     *
     * @param selection which messages
     * @param isForced whether to send also what the function would reject
     * @param skipsRecorded whether to leave what the table has
     * @param isDryRun whether to send nothing
     * @param perSecond messages a second, in the range of {@link RateLimit}; empty for no limit
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
            if (limit.orElse(1) < 1) {
                throw new IllegalArgumentException("a limit is 1 or more");
            }
        }

        /** Whether a lookup in the table is needed. */
        public boolean needsTable() {
            return skipsRecorded || selection.needsTable();
        }
    }

    /**
     * What a replay did, in messages.
     *
     * @param selected meant by the operator
     * @param sent accepted by the queue; in a dry run: that would be sent
     * @param stillRejected not sent because the function would reject them again; by reason
     * @param alreadyRecorded not sent because the table has them
     * @param refused not accepted by the queue; by SQS's error code
     * @param cameBack sent by this run, and failed again during it
     */
    public record Counts(
            long selected,
            long sent,
            SortedMap<String, Long> stillRejected,
            long alreadyRecorded,
            SortedMap<String, Long> refused,
            long cameBack) {}

    private final Queue target;
    private final Settings settings;
    private final Cancellation cancellation;
    private final Optional<RateLimit> rate;
    private final LongAdder selected = new LongAdder();
    private final LongAdder sent = new LongAdder();
    private final LongAdder alreadyRecorded = new LongAdder();
    private final LongAdder cameBack = new LongAdder();
    private final Map<String, Long> stillRejected = new ConcurrentHashMap<>();
    private final Map<String, Long> refused = new ConcurrentHashMap<>();
    private final Set<String> newMessageIds = ConcurrentHashMap.newKeySet();
    private final AtomicLong left;

    /** Prepares a replay. Its rate begins now. */
    public Replay(Queue target, Settings settings, Cancellation cancellation, InstantSource clock) {
        this.target = target;
        this.settings = settings;
        this.cancellation = cancellation;
        this.rate = settings.perSecond().stream()
                .mapToObj(perSecond -> new RateLimit(perSecond, clock))
                .findFirst();
        this.left = new AtomicLong(settings.limit().orElse(Long.MAX_VALUE));
    }

    @Override
    public void act(List<MessageExaminer.Examined> messages, Consumer<String> accepted) {
        List<DeadLetter> toSend = new ArrayList<>(messages.size());
        for (MessageExaminer.Examined examined : messages) {
            if (isToBeSent(examined)) {
                toSend.add(examined.message());
            }
        }
        if (settings.isDryRun()) {
            sent.add(toSend.size());
            return;
        }
        int callSize = rate.map(RateLimit::callSize).orElse(Queue.ENTRIES_IN_A_CALL);
        for (List<DeadLetter> call : Queue.calls(toSend, callSize)) {
            if (cancellation.isCancelled()
                    || !rate.map(limit -> cancellation.passes(limit.take(call.size())))
                            .orElse(true)) {
                return;
            }
            Queue.Sent result = target.send(call);
            newMessageIds.addAll(result.accepted().values());
            sent.add(result.accepted().size());
            result.accepted().keySet().forEach(accepted);
            result.refused().values().forEach(code -> refused.merge(code, 1L, Long::sum));
        }
    }

    private boolean isToBeSent(MessageExaminer.Examined examined) {
        if (newMessageIds.contains(examined.message().messageId())) {
            cameBack.increment();
            return false;
        }
        if (!settings.selection().includes(examined) || hasEnough()) {
            return false;
        }
        if (examined.diagnosis().isRejected() && !settings.isForced()) {
            selected.increment();
            stillRejected.merge(examined.diagnosis().label(), 1L, Long::sum);
            return false;
        }
        if (examined.diagnosis() == Diagnosis.Accepted.RECORDED && settings.skipsRecorded()) {
            selected.increment();
            alreadyRecorded.increment();
            return false;
        }
        if (left.getAndDecrement() <= 0) {
            return false;
        }
        selected.increment();
        return true;
    }

    @Override
    public boolean hasEnough() {
        return left.get() <= 0;
    }

    @Override
    public OptionalDouble perSecond() {
        return settings.isDryRun() ? OptionalDouble.empty() : settings.perSecond();
    }

    /** What was done so far. For any thread, at any time. */
    public Counts counts() {
        return new Counts(
                selected.sum(),
                sent.sum(),
                new TreeMap<>(stillRejected),
                alreadyRecorded.sum(),
                new TreeMap<>(refused),
                cameBack.sum());
    }
}
