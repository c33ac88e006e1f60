package io.datastream.imaging.load.comparison;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A function that is invoked asynchronously, once for each event, modelled by Lambda's documented rules: beyond the
 * concurrency limit an event is throttled and tried again after 1 s, then twice as long, at most 5 minutes, for 6 hours;
 * after an error of the function it is tried again after 1 and after 2 minutes, then dropped.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html">Error handling for
 *     asynchronous invocation</a>
 */
final class AsynchronousFunction<E> implements AutoCloseable {

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
    private static final int RETRIES = 2;

    /** Of a Java function with the AWS SDK, without SnapStart: this project's own takes a second from spawn to answer. */
    static final Duration COLD_START = Duration.ofSeconds(1);

    private final Consumer<E> handler;
    private final Semaphore environments;
    private final ScheduledExecutorService threads =
            Executors.newScheduledThreadPool(0, Thread.ofVirtual().factory());
    /** Started and idle. */
    private final AtomicInteger warm = new AtomicInteger();

    private final AtomicLong invocations = new AtomicLong();
    private final AtomicLong pending = new AtomicLong();
    private final AtomicLong nanoseconds = new AtomicLong();

    AsynchronousFunction(Consumer<E> handler, int concurrency) {
        this.handler = handler;
        this.environments = new Semaphore(concurrency);
    }

    /** Takes an event; the caller waits for nothing. */
    void invoke(E event, Duration delay) {
        pending.incrementAndGet();
        later(delay, () -> attempt(event, FIRST_PAUSE, 0));
    }

    private void attempt(E event, Duration pause, int errors) {
        if (!environments.tryAcquire()) {
            Duration doubled = pause.multipliedBy(2);
            later(pause, () -> attempt(event, doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE, errors));
        } else if (warm.getAndUpdate(idle -> Math.max(0, idle - 1)) == 0) {
            later(COLD_START, () -> run(event, errors));
        } else {
            run(event, errors);
        }
    }

    private void run(E event, int errors) {
        invocations.incrementAndGet();
        long begin = System.nanoTime();
        try {
            handler.accept(event);
            pending.decrementAndGet();
        } catch (RuntimeException error) {
            if (errors < RETRIES) {
                later(Duration.ofMinutes(errors + 1), () -> attempt(event, FIRST_PAUSE, errors + 1));
            } else {
                pending.decrementAndGet();
            }
        } finally {
            nanoseconds.addAndGet(System.nanoTime() - begin);
            warm.incrementAndGet();
            environments.release();
        }
    }

    private void later(Duration delay, Runnable task) {
        threads.schedule(() -> Thread.ofVirtual().start(task), delay.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Events that wait, run, or will be tried again. */
    long pending() {
        return pending.get();
    }

    long invocations() {
        return invocations.get();
    }

    double seconds() {
        return nanoseconds.get() / 1e9;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
