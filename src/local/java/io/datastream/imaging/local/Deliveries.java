package io.datastream.imaging.local;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * What S3 and SNS have taken and must deliver: in the background, in no order, and again until the queue has taken it. A
 * queue that cannot be reached loses nothing, and one whose answer is lost gets a message twice.
 */
final class Deliveries implements AutoCloseable {
    private static final int AT_ONCE = 16;
    private static final long LONGEST_PAUSE_MILLIS = 2_000;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore permits = new Semaphore(AT_ONCE);
    private final AtomicLong pending = new AtomicLong();

    void deliver(Runnable delivery) {
        pending.incrementAndGet();
        threads.execute(() -> attempt(delivery, 1));
    }

    /** How many no queue has taken yet. */
    long pending() {
        return pending.get();
    }

    private void attempt(Runnable delivery, int count) {
        try {
            permits.acquire();
            try {
                delivery.run();
                pending.decrementAndGet();
            } finally {
                permits.release();
            }
        } catch (SdkException e) {
            long pause = Math.min(LONGEST_PAUSE_MILLIS, 50L << Math.min(count, 10));
            CompletableFuture.delayedExecutor(pause, TimeUnit.MILLISECONDS, threads)
                    .execute(() -> attempt(delivery, count + 1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Stops at once; what is pending is lost. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
