package io.datastream.imaging.reconcile;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The two ways in which reconciliation waits. Tests replace them, so that no real time passes. */
@FunctionalInterface
public interface Waiting {

    /** Waits for a time. */
    void sleep(Duration duration) throws InterruptedException;

    /**
     * Waits for a task.
     *
     * @param timeout not waited at all if it is not positive
     * @throws TimeoutException if the task is not done in time
     */
    default <T extends @Nullable Object> T await(Future<T> task, Duration timeout)
            throws InterruptedException, ExecutionException, TimeoutException {
        return task.get(Math.max(0, timeout.toNanos()), TimeUnit.NANOSECONDS);
    }
}
