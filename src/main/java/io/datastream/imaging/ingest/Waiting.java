package io.datastream.imaging.ingest;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The two ways in which the writer's thread waits. Tests replace them, so that no real time passes. */
interface Waiting {

    /** Waits for real. */
    Waiting REAL = new Waiting() {
        @Override
        public void sleep(Duration duration) throws InterruptedException {
            Thread.sleep(duration);
        }

        @Override
        public <T> @Nullable T poll(BlockingQueue<T> queue, Duration timeout) throws InterruptedException {
            return queue.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
        }
    };

    /**
     * Waits for a time.
     *
     * @throws InterruptedException if the thread is interrupted
     */
    void sleep(Duration duration) throws InterruptedException;

    /**
     * Waits for an element of a queue.
     *
     * @param timeout positive
     * @return null if none came in time
     * @throws InterruptedException if the thread is interrupted
     */
    <T> @Nullable T poll(BlockingQueue<T> queue, Duration timeout) throws InterruptedException;
}
