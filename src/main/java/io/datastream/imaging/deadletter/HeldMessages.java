package io.datastream.imaging.deadletter;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The messages that this run has received and keeps from others, so that it sees none twice.
 *
 * <p>Each is hidden for {@linkplain #VISIBILITY a short time}, again and again while it is held: a run that is killed
 * gives everything back within that time. A hold can be lost (a pause of this JVM, SQS's 12 hours); then the message
 * may come again, with a new receipt. Closing gives everything back at once.
 */
final class HeldMessages implements AutoCloseable {

    /** Below SQS's 120,000 messages in flight, which would refuse everybody's receives. */
    static final int CAPACITY = 100_000;

    /** Everything is back so long after a crash, at the latest. */
    static final Duration VISIBILITY = Duration.ofSeconds(45);

    /** 100,000 messages are 10,000 calls: side by side they take seconds, one by one minutes. */
    private static final int CALLS_AT_A_TIME = 16;

    private record Hold(Receipt receipt, Instant until) {}

    private final DeadLetterQueue queue;
    private final Duration visibility;
    private final StopSignal stop;
    private final InstantSource clock;
    private final Map<String, Hold> holds = new ConcurrentHashMap<>();
    private final ScheduledExecutorService keeper = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("hold").factory());
    private final ExecutorService calls = Executors.newFixedThreadPool(
            CALLS_AT_A_TIME, Thread.ofVirtual().name("hold-", 1).factory());

    /**
     * Holds nothing yet.
     *
     * @param visibility at least 3 seconds
     * @param stop told when messages can not be held any longer
     */
    HeldMessages(DeadLetterQueue queue, Duration visibility, StopSignal stop, InstantSource clock) {
        this.queue = queue;
        this.visibility = visibility;
        this.stop = stop;
        this.clock = clock;
        long period = visibility.dividedBy(6).toMillis();
        var unused = keeper.scheduleWithFixedDelay(this::extendOld, period, period, TimeUnit.MILLISECONDS);
    }

    Duration visibility() {
        return visibility;
    }

    int size() {
        return holds.size();
    }

    /**
     * Takes a message that was just received.
     *
     * @param since before the receive
     * @return false if it is (or was, and was lost) held: it has come again
     */
    boolean add(DeadLetter message, Instant since) {
        return holds.put(message.messageId(), new Hold(message.receipt(), since.plus(visibility))) == null;
    }

    /** The newest receipt of a held message; null if it is not held. */
    @Nullable
    Receipt receipt(String messageId) {
        Hold hold = holds.get(messageId);
        return hold == null ? null : hold.receipt();
    }

    /** Whether the message is hidden from others, as far as SQS has told. */
    boolean isHidden(String messageId) {
        Hold hold = holds.get(messageId);
        return hold != null && hold.until().isAfter(clock.instant());
    }

    /** Lets go of a message that is deleted. */
    void forget(String messageId) {
        holds.remove(messageId);
    }

    /**
     * Makes sure that messages stay hidden for at least half the visibility from now.
     *
     * @param messageIds of held messages, at most ten
     * @return those that do; the hold on the others is lost
     */
    Set<String> secured(Collection<String> messageIds) {
        Set<String> secured = ConcurrentHashMap.newKeySet();
        List<Receipt> old = new ArrayList<>();
        Instant enough = clock.instant().plus(visibility.dividedBy(2));
        for (String messageId : messageIds) {
            Hold hold = holds.get(messageId);
            if (hold != null && hold.until().isBefore(enough)) {
                old.add(hold.receipt());
            } else if (hold != null) {
                secured.add(messageId);
            }
        }
        if (!old.isEmpty()) {
            secured.addAll(extend(old));
        }
        return secured;
    }

    private void extendOld() {
        Instant soon = clock.instant().plus(visibility.dividedBy(2));
        List<Receipt> old = holds.values().stream()
                .filter(hold -> hold.until().isBefore(soon))
                .map(Hold::receipt)
                .toList();
        try {
            inParallel(old, this::extend);
        } catch (RuntimeException e) {
            stop.fail(e);
        }
    }

    /** A hold that SQS does not extend is left to lapse: the message may already be someone else's. */
    private Set<String> extend(List<Receipt> receipts) {
        Instant until = clock.instant().plus(visibility);
        Set<String> extended = queue.hide(receipts, visibility);
        for (Receipt receipt : receipts) {
            if (extended.contains(receipt.messageId())) {
                holds.computeIfPresent(
                        receipt.messageId(),
                        (messageId, hold) -> hold.receipt().equals(receipt) ? new Hold(receipt, until) : hold);
            }
        }
        return extended;
    }

    /** Gives everything back at once, as far as SQS answers; the rest is back when its visibility ends. */
    @Override
    public void close() {
        keeper.shutdownNow();
        try {
            keeper.awaitTermination(visibility.toMillis(), TimeUnit.MILLISECONDS);
            inParallel(holds.values().stream().map(Hold::receipt).toList(), this::release);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            stop.fail(e);
        }
        calls.shutdown();
    }

    private Set<String> release(List<Receipt> receipts) {
        Set<String> released = queue.hide(receipts, Duration.ZERO);
        receipts.forEach(receipt -> holds.remove(receipt.messageId()));
        return released;
    }

    private void inParallel(List<Receipt> receipts, Function<List<Receipt>, Set<String>> call) {
        List<Callable<Set<String>>> tasks = DeadLetterQueue.calls(receipts).stream()
                .map(batch -> (Callable<Set<String>>) () -> call.apply(batch))
                .toList();
        try {
            for (Future<Set<String>> done : calls.invokeAll(tasks)) {
                done.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        }
    }
}
