package io.datastream.imaging.deadletter;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Tells a run to come to its end: by the operator's Ctrl-C, or because a part of it has failed. For any thread. */
public final class StopSignal {

    private final CountDownLatch raised = new CountDownLatch(1);
    private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();

    /** Stops the run: what is under way is finished, nothing new begun. */
    public void raise() {
        raised.countDown();
    }

    public boolean isRaised() {
        return raised.getCount() == 0;
    }

    /** Stops the run because a part of it has failed; the first failure is what the run ends with. */
    void fail(RuntimeException cause) {
        failure.compareAndSet(null, cause);
        raise();
    }

    /** Ends the run with its first failure, if there is one. */
    void throwIfFailed() {
        RuntimeException cause = failure.get();
        if (cause != null) {
            throw cause;
        }
    }

    /**
     * Waits.
     *
     * @return false if the signal came first
     */
    public boolean passes(Duration duration) {
        try {
            return !raised.await(duration.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            raise();
            return false;
        }
    }

    /**
     * Waits.
     *
     * @throws StoppedException if the signal comes first
     */
    void pause(Duration duration) {
        if (!passes(duration)) {
            throw new StoppedException();
        }
    }
}
