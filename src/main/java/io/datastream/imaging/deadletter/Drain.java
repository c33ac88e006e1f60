package io.datastream.imaging.deadletter;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * One run over the dead-letter queue: workers lease ten messages at a time, examine them, act on them, and delete those
 * that the action has accepted. The leases of the others are kept until the end, so that no message is seen twice and no
 * other consumer gets one, and are then released.
 *
 * <p>The visibility timeout is chosen once, from the depth of the queue and the measured time of a call, and never
 * extended. After a crash, the leased messages are visible again when it ends. A run that needs longer stops before and
 * reports what it saw. Any failure of any worker ends the run. It can be run once.
 */
public final class Drain {

    static final int WORKERS = 16;

    /** The longest time that messages stay leased after a crash. */
    public static final Duration MAXIMUM_VISIBILITY = Duration.ofHours(1);

    /** SQS allows 120,000 messages in flight. Some are left to other consumers. */
    public static final int MAXIMUM_LEASES = 119_000;

    private static final Duration SHORTEST_VISIBILITY = Duration.ofSeconds(15);

    /** A call can be slower than measured, and so can this machine. */
    private static final int SAFETY = 3;

    /** Receive, look up, send, delete, release. */
    private static final int CALLS_FOR_A_BATCH = 5;

    /** CPU time of a message, on a slow machine. */
    private static final double SECONDS_FOR_A_MESSAGE = 0.000_2;

    /** A worker sends about as many messages a second where a call takes 100 ms. */
    private static final double MESSAGES_OF_A_WORKER = 20;

    private static final Duration WAIT = Duration.ofSeconds(1);

    /** SQS's counts can be some seconds behind. */
    private static final int LOOKS_AT_THE_END = 10;

    /** Why a run ended. If workers ended for different reasons, the last one of this list counts. */
    public enum Ending {
        /** Every message that is not leased by another consumer was seen. */
        ALL_SEEN,
        /** The action needs no further message. */
        ENOUGH,
        /** The time of the leases is nearly over. */
        TIME,
        /** No more messages can be leased. */
        FULL,
        CANCELLED,
        FAILED
    }

    /**
     * What a run did, in messages.
     *
     * @param before depth at the start
     * @param seen messages received, each counted once
     * @param deleted messages deleted from the queue
     * @param undeleted messages that the action accepted and SQS did not delete
     * @param kept messages that are still in the queue, by the label of their diagnosis
     * @param leasedElsewhere messages that are leased by others at the end, or have come back since this run received for
     *     the last time; some of them may not have been seen
     * @param unreleased leases that could not be ended: these messages are visible after the visibility timeout
     * @param visibility the visibility timeout of this run
     * @param failure why the run failed, for the ending {@code FAILED}
     */
    public record Report(
            Queue.Depth before,
            long seen,
            long deleted,
            long undeleted,
            SortedMap<String, Long> kept,
            long leasedElsewhere,
            long unreleased,
            Duration visibility,
            Ending ending,
            Optional<Throwable> failure) {

        /** Whether every message of the queue was seen. */
        public boolean isComplete() {
            return ending == Ending.ALL_SEEN && leasedElsewhere == 0;
        }
    }

    /** A leased message: its newest receipt handle, and whether it is to be deleted. */
    private record Lease(String receiptHandle, boolean isAccepted) {}

    private final Queue queue;
    private final MessageExaminer examiner;
    private final Action action;
    private final Cancellation cancellation;
    private final InstantSource clock;
    int maximumLeases = MAXIMUM_LEASES;
    private final Map<String, Lease> leases = new ConcurrentHashMap<>();
    private final Map<String, Long> kept = new ConcurrentHashMap<>();
    private final LongAdder seen = new LongAdder();
    private final LongAdder deleted = new LongAdder();
    private volatile Instant receiveUntil = Instant.MAX;
    private volatile Ending ending = Ending.ALL_SEEN;
    private Duration visibility = SHORTEST_VISIBILITY;

    /** Prepares a run. */
    public Drain(Queue queue, MessageExaminer examiner, Action action, Cancellation cancellation, InstantSource clock) {
        this.queue = queue;
        this.examiner = examiner;
        this.action = action;
        this.cancellation = cancellation;
        this.clock = clock;
    }

    /** How many messages were received so far. For any thread. */
    public long seen() {
        return seen.sum();
    }

    /** Runs to the end. A failure is in the report and is not thrown. */
    public Report run() {
        Queue.Depth before = new Queue.Depth(0, 0);
        long leasedElsewhere = 0;
        try {
            // The first call also connects, so the second one is measured.
            var unused = queue.depth();
            Instant start = clock.instant();
            before = queue.depth();
            visibility = visibility(before.visible(), Duration.between(start, clock.instant()), action.perSecond());
            inParallel(workers(), this::work);
            if (!cancellation.isCancelled()) {
                leasedElsewhere = leasedElsewhere(before.inFlight());
            }
        } catch (RuntimeException e) {
            cancellation.fail(e);
        }
        long unreleased = end();
        return new Report(
                before,
                seen.sum(),
                deleted.sum(),
                leases.values().stream().filter(Lease::isAccepted).count(),
                new TreeMap<>(kept),
                leasedElsewhere,
                unreleased,
                visibility,
                ending(),
                cancellation.failure());
    }

    private Ending ending() {
        return cancellation.failure().isPresent()
                ? Ending.FAILED
                : cancellation.isCancelled() ? Ending.CANCELLED : ending;
    }

    /** How long each message is leased: several times what the run should take. */
    static Duration visibility(long depth, Duration call, OptionalDouble perSecond) {
        double rounds = Math.ceil((double) depth / (WORKERS * Queue.ENTRIES_IN_A_CALL));
        double seconds = rounds * CALLS_FOR_A_BATCH * call.toNanos() / 1e9 + depth * SECONDS_FOR_A_MESSAGE;
        double sending = perSecond.isPresent() ? 1.25 * depth / perSecond.getAsDouble() : 0;
        double all = SHORTEST_VISIBILITY.toSeconds() + SAFETY * seconds + sending;
        Duration chosen = Duration.ofSeconds((long) Math.ceil(all));
        return chosen.compareTo(MAXIMUM_VISIBILITY) < 0 ? chosen : MAXIMUM_VISIBILITY;
    }

    /** No more workers than the rate needs: what they have received and not yet sent is leased if the run is killed. */
    private int workers() {
        return action.perSecond().isEmpty()
                ? WORKERS
                : (int) Math.clamp(Math.ceil(action.perSecond().getAsDouble() / MESSAGES_OF_A_WORKER), 1, WORKERS);
    }

    private static void inParallel(int threads, Runnable work) {
        try (ExecutorService workers = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("drain-", 1).factory())) {
            for (int i = 0; i < threads; i++) {
                workers.execute(work);
            }
        }
    }

    private void work() {
        try {
            int batchSize = (int) Math.clamp(action.perSecond().orElse(Queue.ENTRIES_IN_A_CALL), 1, 10);
            while (!cancellation.isCancelled()) {
                Optional<Ending> reason = reasonToEnd();
                if (reason.isPresent()) {
                    endBecause(reason.get());
                    return;
                }
                Instant start = clock.instant();
                List<DeadLetter> received = queue.receive(batchSize, visibility, WAIT);
                if (received.isEmpty()) {
                    return;
                }
                process(received, start);
            }
        } catch (RuntimeException | Error e) {
            cancellation.fail(e);
        }
    }

    private synchronized void endBecause(Ending reason) {
        ending = reason.compareTo(ending) > 0 ? reason : ending;
    }

    private Optional<Ending> reasonToEnd() {
        if (action.hasEnough()) {
            return Optional.of(Ending.ENOUGH);
        }
        if (!clock.instant().isBefore(receiveUntil)) {
            return Optional.of(Ending.TIME);
        }
        return leases.size() < maximumLeases ? Optional.empty() : Optional.of(Ending.FULL);
    }

    private void process(List<DeadLetter> received, Instant start) {
        List<DeadLetter> fresh = new ArrayList<>(received.size());
        List<String> accepted = new ArrayList<>(received.size());
        for (DeadLetter message : received) {
            String id = message.messageId();
            if (leases.putIfAbsent(id, new Lease(message.receiptHandle(), false)) == null) {
                fresh.add(message);
            } else {
                // It came again, because its lease ended before it was deleted or released. It is not acted on again.
                leases.computeIfPresent(id, (same, old) -> new Lease(message.receiptHandle(), old.isAccepted()));
                if (isAccepted(id)) {
                    accepted.add(id);
                }
            }
        }
        seen.add(fresh.size());
        List<MessageExaminer.Examined> examined = examiner.examine(fresh);
        Consumer<String> accept = messageId -> {
            leases.computeIfPresent(messageId, (id, lease) -> new Lease(lease.receiptHandle(), true));
            accepted.add(messageId);
        };
        try {
            action.act(examined, accept);
        } finally {
            keep(examined, start);
            delete(queue, accepted);
        }
    }

    private boolean isAccepted(String messageId) {
        Lease lease = leases.get(messageId);
        return lease == null || lease.isAccepted();
    }

    /** Counts what is kept. A fifth of its lease is left for the release. */
    private synchronized void keep(List<MessageExaminer.Examined> examined, Instant start) {
        for (MessageExaminer.Examined one : examined) {
            if (!isAccepted(one.message().messageId())) {
                kept.merge(one.diagnosis().label(), 1L, Long::sum);
                Instant until = start.plus(visibility.multipliedBy(4).dividedBy(5));
                receiveUntil = until.isBefore(receiveUntil) ? until : receiveUntil;
            }
        }
    }

    private void delete(Queue from, List<String> messageIds) {
        Map<String, String> receiptHandles = receiptHandles(messageIds);
        if (!receiptHandles.isEmpty()) {
            for (String messageId : from.delete(receiptHandles)) {
                if (leases.remove(messageId) != null) {
                    deleted.increment();
                }
            }
        }
    }

    private Map<String, String> receiptHandles(List<String> messageIds) {
        Map<String, String> receiptHandles = new HashMap<>();
        for (String messageId : messageIds) {
            Lease lease = leases.get(messageId);
            if (lease != null) {
                receiptHandles.put(messageId, lease.receiptHandle());
            }
        }
        return receiptHandles;
    }

    /**
     * Messages in flight beyond the leases of this run. Of a run that has received until nothing was left, also those that
     * are visible now: the lease of another consumer has ended since. Looks again while the numbers can be out of date.
     */
    private long leasedElsewhere(long inFlightBefore) {
        long least = Long.MAX_VALUE;
        for (int look = 0; look < LOOKS_AT_THE_END; look++) {
            Queue.Depth now = queue.depth();
            long visible = ending == Ending.ALL_SEEN ? now.visible() : 0;
            least = Math.min(least, Math.max(0, now.inFlight() - leases.size()) + visible);
            if (least <= inFlightBefore || !cancellation.passes(Duration.ofSeconds(1))) {
                break;
            }
        }
        return least;
    }

    /**
     * Tries once more to delete what was accepted, and releases everything that is leased.
     *
     * @return how many leases could not be released
     */
    private long end() {
        Queue patientForSeconds = queue.atTheEnd();
        AtomicBoolean hasFailed = new AtomicBoolean();
        LongAdder released = new LongAdder();
        List<String> undeleted =
                leases.keySet().stream().filter(this::isAccepted).toList();
        inBatches(undeleted, hasFailed, batch -> delete(patientForSeconds, batch));
        inBatches(List.copyOf(leases.keySet()), hasFailed, batch -> {
            patientForSeconds.release(receiptHandles(batch));
            released.add(batch.size());
        });
        return leases.size() - released.sum();
    }

    /** After the first failure no further call is made: it would fail as well, and the operator waits. */
    private void inBatches(List<String> entries, AtomicBoolean hasFailed, Consumer<List<String>> call) {
        AtomicInteger next = new AtomicInteger();
        inParallel(WORKERS, () -> {
            for (int from = next.getAndAdd(10); from < entries.size() && !hasFailed.get(); from = next.getAndAdd(10)) {
                try {
                    call.accept(entries.subList(from, Math.min(from + 10, entries.size())));
                } catch (RuntimeException e) {
                    hasFailed.set(true);
                    cancellation.fail(e);
                }
            }
        });
    }
}
