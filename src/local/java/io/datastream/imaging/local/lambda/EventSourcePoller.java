package io.datastream.imaging.local.lambda;

import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * Polls an SQS queue for a function, by the rules of Lambda's event source mappings.
 *
 * <p>Each worker receives a batch while its previous one runs. There is one worker at first. More are added while there
 * is a backlog, never more than the mapping's maximum concurrency nor than the fleet's limit. When the queue is empty
 * they end, but for the last, so that few messages stay in one execution environment.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html">How Lambda scales on SQS</a>
 */
public final class EventSourcePoller implements AutoCloseable {

    private static final Duration CLOSING = Duration.ofSeconds(5);

    final InstantSource time;
    final EventSourceQueue queue;
    final String queueArn;
    final EventSourceConfiguration configuration;
    final FunctionFleet function;
    final Consumer<String> log;
    private final int maximumWorkers;

    /** A receive call takes one permit, a pause all of them. Fair, so that no receive call overtakes a pause. */
    final Semaphore receiving;

    private final Set<Thread> workers = new HashSet<>();
    private boolean paused;
    private boolean closed;

    private EventSourcePoller(
            EventSourceQueue queue,
            String queueArn,
            EventSourceConfiguration configuration,
            FunctionFleet function,
            Consumer<String> log,
            InstantSource time) {
        this.time = time;
        this.queue = queue;
        this.queueArn = queueArn;
        this.configuration = configuration;
        this.function = function;
        this.log = log;
        this.maximumWorkers = Math.min(configuration.maximumConcurrency(), function.limit());
        this.receiving = new Semaphore(maximumWorkers, true);
    }

    /**
     * Starts to poll, unless the event source is not enabled: then {@link #resume} does. The poller owns the function
     * from then on, not the client.
     *
     * @param log takes a line for each batch that failed and each SQS outage
     * @throws IllegalArgumentException if the queue's visibility timeout is shorter than the function's timeout
     */
    public static EventSourcePoller start(
            SqsClient sqs,
            String queueUrl,
            String queueArn,
            EventSourceConfiguration configuration,
            FunctionFleet function,
            Consumer<String> log) {
        return start(sqs, queueUrl, queueArn, configuration, function, log, InstantSource.system());
    }

    /** @param time of the batching window and of the wait for a predecessor */
    static EventSourcePoller start(
            SqsClient sqs,
            String queueUrl,
            String queueArn,
            EventSourceConfiguration configuration,
            FunctionFleet function,
            Consumer<String> log,
            InstantSource time) {
        EventSourceQueue queue = new EventSourceQueue(sqs, queueUrl, log);
        Duration timeout = function.configuration().timeout();
        if (queue.visibilityTimeout().compareTo(timeout) < 0) {
            throw new IllegalArgumentException(
                    "Queue visibility timeout: %d seconds is less than Function timeout: %d seconds"
                            .formatted(queue.visibilityTimeout().toSeconds(), timeout.toSeconds()));
        }
        EventSourcePoller poller = new EventSourcePoller(queue, queueArn, configuration, function, log, time);
        if (!configuration.enabled()) {
            poller.pause();
        }
        poller.addWorker(null);
        return poller;
    }

    /**
     * Stops receiving; when it returns, no receive call is under way. What was received is still handed to the
     * function.
     */
    public synchronized void pause() {
        if (!paused) {
            receiving.acquireUninterruptibly(maximumWorkers);
            paused = true;
        }
    }

    /** Receives again. */
    public synchronized void resume() {
        if (paused) {
            paused = false;
            receiving.release(maximumWorkers);
        }
    }

    /** How many batches can be gathered and run at once now. */
    public int workers() {
        synchronized (workers) {
            return workers.size();
        }
    }

    /** Adds a worker unless there is the maximum; it starts with the waiting batch. Returns whether it was added. */
    boolean addWorker(@Nullable EventBatch waiting) {
        synchronized (workers) {
            if (closed || workers.size() >= maximumWorkers) {
                return false;
            }
            PollerWorker worker = new PollerWorker(this, waiting);
            Thread thread = Thread.ofVirtual().name("event-source-poller").unstarted(worker);
            workers.add(thread);
            thread.start();
            return true;
        }
    }

    /** Adds a worker if messages wait in the queue. */
    void addWorkerForBacklog() {
        if (workers() < maximumWorkers && queue.backlog() > 0) {
            addWorker(null);
        }
    }

    /** Ends the calling worker, unless it is the last. */
    boolean retireWorker() {
        synchronized (workers) {
            return workers.size() > 1 && workers.remove(Thread.currentThread());
        }
    }

    /**
     * Stops receiving and ends the function's environments. Messages under way stay in the queue and come back after
     * their visibility timeout.
     */
    @Override
    public void close() {
        queue.close();
        resume(); // so that workers that wait see that the queue is closed
        function.close();
        Set<Thread> ending;
        synchronized (workers) {
            closed = true;
            ending = Set.copyOf(workers);
        }
        try {
            // Receive calls end by themselves within a second. One that is cut off makes ElasticMQ wait for it for a
            // minute when it is stopped.
            long deadline = System.nanoTime() + CLOSING.toNanos();
            for (Thread worker : ending) {
                worker.join(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        ending.forEach(Thread::interrupt);
    }
}
