package io.datastream.imaging.deadletter;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

/** Receives everything that the queue has to give, by several receivers side by side, and holds it. */
final class Scan {

    /** Takes what was received; several threads call it at once. */
    @FunctionalInterface
    interface Listener {

        /**
         * Takes some messages.
         *
         * @param fresh seen for the first time
         * @param again seen before: the hold on them had been lost
         * @return whether the scan is to go on
         */
        boolean received(List<DeadLetter> fresh, List<DeadLetter> again);
    }

    /** Why a scan came to its end. */
    enum Ending {
        /** No receiver got anything more: everything that is not in flight elsewhere has been seen. */
        EMPTY,
        /** The most that may be held is held. */
        FULL,
        /** The listener has enough, or the run is stopped. */
        STOPPED
    }

    private static final int RECEIVERS = 8;
    private static final Duration WAIT = Duration.ofSeconds(1);

    private final DeadLetterQueue queue;
    private final HeldMessages held;
    private final int capacity;
    private final StopSignal stop;
    private final InstantSource clock;

    /**
     * Makes a scan.
     *
     * @param capacity how many messages may be held at a time
     */
    Scan(DeadLetterQueue queue, HeldMessages held, int capacity, StopSignal stop, InstantSource clock) {
        this.queue = queue;
        this.held = held;
        this.capacity = capacity;
        this.stop = stop;
        this.clock = clock;
    }

    /** Receives until there is a reason to end. A failure of any receiver is {@link StopSignal#fail told}. */
    Ending run(Listener listener) {
        AtomicBoolean enough = new AtomicBoolean();
        try (ExecutorService receivers = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("receive-", 1).factory())) {
            for (int i = 0; i < RECEIVERS; i++) {
                receivers.execute(() -> receive(listener, enough));
            }
        }
        if (stop.isRaised() || enough.get()) {
            return Ending.STOPPED;
        }
        return held.size() >= capacity ? Ending.FULL : Ending.EMPTY;
    }

    private void receive(Listener listener, AtomicBoolean enough) {
        try {
            while (!stop.isRaised() && !enough.get() && held.size() < capacity) {
                Instant since = clock.instant();
                List<DeadLetter> messages = queue.receive(held.visibility(), WAIT);
                if (messages.isEmpty()) {
                    return;
                }
                List<DeadLetter> fresh = new ArrayList<>(messages.size());
                List<DeadLetter> again = new ArrayList<>(0);
                messages.forEach(message -> (held.add(message, since) ? fresh : again).add(message));
                if (!listener.received(fresh, again)) {
                    enough.set(true);
                }
            }
        } catch (StoppedException e) {
            // What was received is held, and given back at the end.
        } catch (RuntimeException e) {
            stop.fail(e);
        }
    }
}
