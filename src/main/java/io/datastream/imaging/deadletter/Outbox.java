package io.datastream.imaging.deadletter;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Messages on their way from the receivers to the senders; small, so that receivers do not run far ahead. */
final class Outbox {

    /** A sender waits this long for the rest of a full call. */
    private static final long LINGER_MILLISECONDS = 20;

    private static final long LOOK_UP_MILLISECONDS = 100;

    private final BlockingQueue<DeadLetter> messages;
    private final AtomicInteger unfinished = new AtomicInteger();
    private final StopSignal stop;

    Outbox(int capacity, StopSignal stop) {
        this.messages = new ArrayBlockingQueue<>(capacity);
        this.stop = stop;
    }

    /**
     * Puts a message in, as soon as there is room.
     *
     * @throws StoppedException if the run is stopped before
     */
    void put(DeadLetter message) throws InterruptedException {
        unfinished.incrementAndGet();
        while (!messages.offer(message, LOOK_UP_MILLISECONDS, TimeUnit.MILLISECONDS)) {
            if (stop.isRaised()) {
                throw new StoppedException();
            }
        }
    }

    /** Up to ten messages; none if there are none now. The taker tells when they are {@link #finished}. */
    List<DeadLetter> take() throws InterruptedException {
        @Nullable DeadLetter next = messages.poll(LOOK_UP_MILLISECONDS, TimeUnit.MILLISECONDS);
        List<DeadLetter> call = new ArrayList<>(DeadLetterQueue.ENTRIES_IN_A_CALL);
        while (next != null) {
            call.add(next);
            next = call.size() == DeadLetterQueue.ENTRIES_IN_A_CALL
                    ? null
                    : messages.poll(LINGER_MILLISECONDS, TimeUnit.MILLISECONDS);
        }
        return call;
    }

    /** Tells that messages which were taken are sent or given up. */
    void finished(int count) {
        unfinished.addAndGet(-count);
    }

    /** Whether everything that was put in is finished. */
    boolean isFinished() {
        return unfinished.get() == 0;
    }
}
