package io.datastream.imaging.simulation;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A clock that moves only from one event to the next, and threads that run only when the simulation lets them.
 *
 * <p>The threads are virtual threads whose scheduler is this object. All of them run on the one thread that calls
 * {@link #runUntilIdle}, one at a time, until each blocks. Which of several runnable threads goes first, the random
 * generator draws. So the same seed gives the same run. The JDK has no public way to give virtual threads a scheduler:
 * {@code --add-opens java.base/java.lang=ALL-UNNAMED} opens the internal one.
 */
final class SimulatedTime implements InstantSource {

    static final Instant START = Instant.parse("2026-11-23T09:30:00Z");

    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final MethodHandle NEW_VIRTUAL_THREAD = newVirtualThread();

    /** Something that happens at a time. */
    static final class Timer implements Comparable<Timer> {
        private final long at;
        private final long number;
        private @Nullable Runnable task;

        private Timer(long at, long number, Runnable task) {
            this.at = at;
            this.number = number;
            this.task = task;
        }

        /** From now on it does nothing. */
        void cancel() {
            task = null;
        }

        @Override
        public int compareTo(Timer other) {
            return at == other.at ? Long.compare(number, other.number) : Long.compare(at, other.at);
        }
    }

    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    /** The JDK's own threads can add to it, if a waiting thread's time-out needs a lock of the JDK that is in use. */
    private final List<Runnable> runnable = Collections.synchronizedList(new ArrayList<>());

    private final Executor scheduler = runnable::add;
    private final SplittableRandom random;
    private long now;
    private long numbers;

    SimulatedTime(SplittableRandom random) {
        this.random = random;
    }

    /** Nanoseconds since the start. */
    long now() {
        return now;
    }

    @Override
    public Instant instant() {
        return START.plusNanos(now);
    }

    static long millis(long milliseconds) {
        return milliseconds * NANOS_PER_MILLI;
    }

    /** Runs a task after a time. */
    Timer after(long nanos, Runnable task) {
        return at(now + nanos, task);
    }

    /** Runs a task at a time, given in nanoseconds since the start. */
    Timer at(long nanos, Runnable task) {
        Timer timer = new Timer(Math.max(nanos, now), numbers++, task);
        timers.add(timer);
        return timer;
    }

    /** A thread of the simulation, not started. */
    Thread thread(Runnable task) {
        try {
            return (Thread) NEW_VIRTUAL_THREAD.invokeExact(scheduler, "simulated", 0, task);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Lets events happen and threads run until nothing is left to do, or a time is reached. */
    void runUntilIdle(Duration end) {
        long last = end.toNanos();
        while (true) {
            if (!runnable.isEmpty()) {
                int index = runnable.size() == 1 ? 0 : random.nextInt(runnable.size());
                runnable.remove(index).run();
            } else {
                Timer next = timers.peek();
                if (next == null || next.at > last) {
                    return;
                }
                timers.remove();
                if (next.task != null) {
                    now = next.at;
                    next.task.run();
                }
            }
        }
    }

    private static MethodHandle newVirtualThread() {
        try {
            Method method = Class.forName("java.lang.ThreadBuilders")
                    .getDeclaredMethod("newVirtualThread", Executor.class, String.class, int.class, Runnable.class);
            method.setAccessible(true);
            return MethodHandles.lookup().unreflect(method);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
