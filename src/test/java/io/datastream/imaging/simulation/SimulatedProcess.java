package io.datastream.imaging.simulation;

import io.datastream.imaging.ingest.DrivenFunction;
import io.datastream.imaging.reconcile.Waiting;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkClientException;

/** A process with threads: it can be paused, and killed at any time. What its threads wait for is simulated. */
final class SimulatedProcess implements Executor, DrivenFunction.Wait, Waiting {

    /** Ends a thread of a killed process. No code may catch it and go on. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1L;

        Killed() {
            super("killed", null, false, false);
        }
    }

    static final long FOR_EVER = Duration.ofHours(10).toNanos();

    private final SimulatedTime time;
    /** Each with the number of the invocation that started it. */
    private final Map<Thread, Integer> threads = new LinkedHashMap<>();

    private int invocations;
    private boolean dead;
    private long pausedUntil;

    SimulatedProcess(SimulatedTime time) {
        this.time = time;
    }

    boolean isDead() {
        return dead;
    }

    /** Threads that start from now on belong to the next invocation. */
    void nextInvocation() {
        invocations++;
    }

    /** Whether the calling thread was started by an earlier invocation than the latest. */
    boolean callerIsLeftOver() {
        return threads.getOrDefault(Thread.currentThread(), invocations) != invocations;
    }

    /** Starts a thread of this process. */
    @Override
    public void execute(Runnable task) {
        Thread[] self = new Thread[1];
        Thread thread = time.thread(() -> {
            try {
                check();
                task.run();
            } catch (Killed killed) {
                // The process is gone.
            } catch (RuntimeException e) {
                if (!dead) {
                    throw e;
                }
            } finally {
                threads.remove(self[0]);
            }
        });
        self[0] = thread;
        threads.put(thread, invocations);
        thread.start();
    }

    /** Ends all threads. Calls that they have sent still arrive. */
    void kill() {
        dead = true;
        List.copyOf(threads.keySet()).forEach(Thread::interrupt);
    }

    /** No thread runs for a time, as in a pause of the garbage collector. */
    void pause(long nanos) {
        pausedUntil = time.now() + nanos;
    }

    boolean isPaused() {
        return pausedUntil > time.now();
    }

    private void check() {
        if (dead) {
            throw new Killed();
        }
    }

    @Override
    public void sleep(Duration duration) throws InterruptedException {
        sleep(duration.toNanos(), true);
    }

    /**
     * Blocks a thread that the process's own code started. In a killed process its calls fail at once, and no call has
     * an effect: for the outside that is a crash.
     */
    void waits(long nanos) {
        Thread thread = Thread.currentThread();
        long end = time.now() + nanos;
        SimulatedTime.Timer timer = time.at(end, () -> LockSupport.unpark(thread));
        while (!dead && time.now() < end && !thread.isInterrupted()) {
            LockSupport.park();
        }
        timer.cancel();
        if (dead || thread.isInterrupted()) {
            throw SdkClientException.create("killed or interrupted");
        }
    }

    /** Blocks for a time, as a lookup of a name does, which the JDK cannot interrupt. */
    void waitsUninterruptibly(long nanos) {
        try {
            sleep(nanos, false);
        } catch (InterruptedException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Blocks until somebody interrupts the thread. */
    void hang() throws InterruptedException {
        sleep(FOR_EVER, true);
    }

    /**
     * Blocks the calling thread.
     *
     * @param interruptible false for what the JDK cannot interrupt, such as a lookup of a name
     */
    void sleep(long nanos, boolean interruptible) throws InterruptedException {
        check();
        Thread thread = Thread.currentThread();
        long end = time.now() + nanos;
        boolean interrupted = false;
        SimulatedTime.Timer timer = time.at(end, () -> LockSupport.unpark(thread));
        try {
            while (time.now() < end) {
                interrupted |= Thread.interrupted();
                check();
                if (interrupted && interruptible) {
                    throw new InterruptedException();
                }
                LockSupport.park();
            }
        } finally {
            timer.cancel();
        }
        waitForPause();
        if (interrupted) {
            thread.interrupt();
        }
    }

    private void waitForPause() throws InterruptedException {
        check();
        if (isPaused()) {
            sleep(pausedUntil - time.now(), false);
        }
    }

    /** The queue's own waiting, with the simulation's clock. */
    @Override
    public <T> @Nullable T poll(BlockingQueue<T> queue, Duration timeout) throws InterruptedException {
        try {
            return within(timeout, queue::take);
        } catch (TimeoutException noElement) {
            return null;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** The task's own waiting, with the simulation's clock. */
    @Override
    public <T extends @Nullable Object> T await(Future<T> task, Duration timeout)
            throws InterruptedException, ExecutionException, TimeoutException {
        return within(timeout, task::get);
    }

    private interface Blocking<T extends @Nullable Object> {
        T call() throws InterruptedException, ExecutionException;
    }

    /** At the timeout the thread is interrupted. */
    private <T extends @Nullable Object> T within(Duration timeout, Blocking<T> blocking)
            throws InterruptedException, ExecutionException, TimeoutException {
        check();
        Thread thread = Thread.currentThread();
        boolean[] over = new boolean[1];
        SimulatedTime.Timer timer = time.after(timeout.toNanos(), () -> {
            over[0] = true;
            thread.interrupt();
        });
        boolean timedOut = false;
        @Nullable T result = null;
        try {
            result = blocking.call();
        } catch (InterruptedException e) {
            check();
            if (!over[0]) {
                throw e;
            }
            timedOut = true;
        } finally {
            timer.cancel();
            if (over[0]) {
                Thread.interrupted();
            }
        }
        waitForPause();
        if (timedOut) {
            throw new TimeoutException();
        }
        return result;
    }
}
