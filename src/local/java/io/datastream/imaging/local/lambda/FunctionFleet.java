package io.datastream.imaging.local.lambda;

import java.time.Instant;
import java.util.Deque;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The execution environments of one function: started when an invocation needs one, reused while they live, replaced
 * when they died, and never more than a limit. Safe for use by many threads.
 */
public final class FunctionFleet implements AutoCloseable {

    /** Starts one environment and returns when it can take an invocation. */
    @FunctionalInterface
    public interface Starter {
        /** @throws FunctionError if the function's own start failed */
        ExecutionEnvironment start() throws FunctionError;
    }

    /**
     * What was deployed, and its environments that wait for an invocation: the last used one first, so that a trickle
     * stays in one environment.
     */
    private record Deployment(FunctionConfiguration configuration, Starter starter, Deque<ExecutionEnvironment> idle) {
        Deployment(FunctionConfiguration configuration, Starter starter) {
            this(configuration, starter, new ConcurrentLinkedDeque<>());
        }
    }

    private final int limit;
    private volatile Deployment deployment;

    private final Semaphore free;
    private final Set<ExecutionEnvironment> busy = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger peakRunning = new AtomicInteger();
    private final AtomicLong started = new AtomicLong();
    private final AtomicLong invocations = new AtomicLong();
    private final AtomicLong errors = new AtomicLong();

    /** @param limit how many environments run at once at most, 1 or more */
    public FunctionFleet(FunctionConfiguration configuration, int limit, Starter starter) {
        if (limit < 1) {
            throw new IllegalArgumentException("A fleet needs at least one environment, not " + limit);
        }
        this.limit = limit;
        this.deployment = new Deployment(configuration, starter);
        this.free = new Semaphore(limit, true);
    }

    /**
     * Invokes the function in an idle environment, or in a new one; waits while the limit is reached.
     *
     * @return the function's response as JSON
     * @throws FunctionError what the function threw, or why it could not start, or that it was stopped
     */
    public String invoke(String eventJson) throws FunctionError {
        try {
            free.acquire();
        } catch (InterruptedException unused) {
            Thread.currentThread().interrupt();
            throw FunctionError.exited("interrupted while waiting for an execution environment");
        }
        peakRunning.accumulateAndGet(running.incrementAndGet(), Math::max);
        invocations.incrementAndGet();
        try {
            Deployment current = deployment;
            return invokeIn(idleOrNew(current), current, eventJson);
        } catch (FunctionError error) {
            errors.incrementAndGet();
            throw error;
        } finally {
            running.decrementAndGet();
            free.release();
        }
    }

    private String invokeIn(ExecutionEnvironment environment, Deployment current, String eventJson)
            throws FunctionError {
        busy.add(environment);
        try {
            requireOpen(); // it may have been closed while the environment started
            // The function's time begins when its start is over, as on Lambda.
            Instant deadline = Instant.now().plus(current.configuration().timeout());
            return environment.invoke(UUID.randomUUID().toString(), eventJson, deadline);
        } finally {
            busy.remove(environment);
            if (environment.alive()) {
                current.idle().addFirst(environment);
            } else {
                environment.close();
            }
            if (closed || current != deployment) {
                closeIdle(current);
            }
        }
    }

    private ExecutionEnvironment idleOrNew(Deployment current) throws FunctionError {
        requireOpen();
        for (@Nullable ExecutionEnvironment next = current.idle().pollFirst();
                next != null;
                next = current.idle().pollFirst()) {
            if (next.alive()) {
                return next;
            }
            next.close();
        }
        started.incrementAndGet();
        return current.starter().start();
    }

    private void requireOpen() throws FunctionError {
        if (closed) {
            throw FunctionError.exited("the function is closed");
        }
    }

    /** Kills one environment, a busy one if there is one. Returns whether there was any. */
    public boolean killOne() {
        return Stream.concat(busy.stream(), deployment.idle().stream())
                .filter(ExecutionEnvironment::alive)
                .findFirst()
                .map(environment -> {
                    environment.kill();
                    return true;
                })
                .orElse(false);
    }

    /** Kills every environment, busy or idle; the next invocations start new ones. */
    public void killAll() {
        busy.forEach(ExecutionEnvironment::kill);
        deployment.idle().forEach(ExecutionEnvironment::kill);
    }

    /** Deploys the function again: idle environments end now, busy ones after their invocation. */
    public void deploy(FunctionConfiguration configuration, Starter starter) {
        Deployment former = deployment;
        deployment = new Deployment(configuration, starter);
        closeIdle(former);
    }

    public FunctionConfiguration configuration() {
        return deployment.configuration();
    }

    /** How many environments run at once at most. */
    public int limit() {
        return limit;
    }

    /** Invocations under way now, those whose environment is still starting included. */
    public int running() {
        return running.get();
    }

    /** The most invocations that were ever under way at once. */
    public int peakRunning() {
        return peakRunning.get();
    }

    /** Environments started so far, the failed starts included. */
    public long started() {
        return started.get();
    }

    public long invocations() {
        return invocations.get();
    }

    /** Invocations that ended in a {@link FunctionError}. */
    public long errors() {
        return errors.get();
    }

    /** Ends all environments, also in the midst of an invocation. */
    @Override
    public void close() {
        closed = true;
        busy.forEach(ExecutionEnvironment::close);
        closeIdle(deployment);
    }

    private static void closeIdle(Deployment deployment) {
        Deque<ExecutionEnvironment> idle = deployment.idle();
        for (@Nullable ExecutionEnvironment next = idle.pollFirst(); next != null; next = idle.pollFirst()) {
            next.close();
        }
    }
}
