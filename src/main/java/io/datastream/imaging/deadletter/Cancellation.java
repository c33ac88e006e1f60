package io.datastream.imaging.deadletter;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Ends a run early: because of the operator's Ctrl-C, or because a part of the run failed. Also the place where a run
 * waits, so that each wait can end early. For any number of threads.
 */
public class Cancellation {

    private final CountDownLatch cancelled = new CountDownLatch(1);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    /** Ends the run: calls that are under way are finished, and nothing new is begun. */
    public final void cancel() {
        cancelled.countDown();
    }

    public final boolean isCancelled() {
        return cancelled.getCount() == 0;
    }

    /** Ends the run because a part of it failed. The first failure is kept. */
    final void fail(Throwable cause) {
        failure.compareAndSet(null, cause);
        cancel();
    }

    /** The first failure of the run, if there is one. */
    final Optional<Throwable> failure() {
        return Optional.ofNullable(failure.get());
    }

    /**
     * Waits, until the run is cancelled.
     *
     * @return false if the run is cancelled
     */
    public boolean passes(Duration duration) {
        try {
            return !cancelled.await(duration.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cancel();
            return false;
        }
    }

    /**
     * Waits, also in a run that is cancelled: for the calls that end it.
     *
     * @return false if the thread is interrupted
     */
    boolean sleeps(Duration duration) {
        try {
            Thread.sleep(duration);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
