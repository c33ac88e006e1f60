package io.datastream.imaging.local.lambda;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.model.Message;

/** Receives batches and invokes the function with them, one after the other; the next batch is received meanwhile. */
final class PollerWorker implements Runnable {

    /** SQS accepts whole seconds. Short, so that a pause of the event source takes effect soon. */
    private static final Duration LONG_POLL = Duration.ofSeconds(1);

    /** Between two short polls, in the last second of a batching window. */
    private static final Duration SHORT_POLL_INTERVAL = Duration.ofMillis(50);

    /** How long a batch waits for its predecessor before another worker takes it: longer than a function's start. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final EventSourcePoller poller;
    private final EventSourceQueue queue;
    private final EventSourceConfiguration configuration;
    private final Deque<Message> received = new ArrayDeque<>();
    private @Nullable EventBatch takenOver;
    private @Nullable Thread running;
    private boolean moreWaiting;

    PollerWorker(EventSourcePoller poller, @Nullable EventBatch takenOver) {
        this.poller = poller;
        this.queue = poller.queue;
        this.configuration = poller.configuration;
        this.takenOver = takenOver;
    }

    @Override
    public void run() {
        try {
            boolean retired = false;
            while (!retired && !queue.isClosed()) {
                EventBatch batch = nextBatch();
                if (batch.isEmpty()) {
                    retired = (running == null || !running.isAlive()) && poller.retireWorker();
                } else {
                    work(batch);
                }
            }
            if (running != null) {
                running.join();
            }
        } catch (InterruptedException closing) {
            if (running != null) {
                running.interrupt();
            }
        }
    }

    private EventBatch nextBatch() throws InterruptedException {
        EventBatch batch = takenOver;
        takenOver = null;
        return batch == null ? gather() : batch;
    }

    private void work(EventBatch batch) throws InterruptedException {
        if (moreWaiting) {
            poller.addWorkerForBacklog();
        }
        Thread predecessor = running;
        if (predecessor != null) {
            Instant start = poller.time.instant();
            while (!predecessor.join(SHORT_POLL_INTERVAL)) {
                boolean late = start.plus(PATIENCE).isBefore(poller.time.instant());
                if (late && poller.addWorker(batch)) {
                    return;
                }
            }
        }
        running = Thread.ofVirtual().name("event-source-batch").start(() -> invoke(batch));
    }

    /** A batch that is full, or whose window is over; an empty one if there was no message for a long poll. */
    private EventBatch gather() throws InterruptedException {
        EventBatch batch = new EventBatch(poller.queueArn, configuration.batchSize());
        addReceived(batch);
        if (batch.isEmpty()) {
            poller.receiving.acquire();
            receive(batch, LONG_POLL);
        }
        Instant end = poller.time.instant().plus(configuration.batchingWindow());
        boolean open = !batch.isEmpty();
        while (open && !batch.isFull() && !queue.isClosed()) {
            Duration left = Duration.between(poller.time.instant(), end);
            // When the event source is paused, the batch is not filled further. tryAcquire() without a time is not
            // fair.
            open = left.isPositive() && poller.receiving.tryAcquire(0, TimeUnit.SECONDS);
            if (open) {
                boolean none = !receive(batch, left.compareTo(LONG_POLL) < 0 ? Duration.ZERO : LONG_POLL);
                if (none && left.compareTo(LONG_POLL) < 0) {
                    queue.pause(left.compareTo(SHORT_POLL_INTERVAL) < 0 ? left : SHORT_POLL_INTERVAL);
                }
            }
        }
        return batch;
    }

    /** Makes one receive call under the permit that its caller took. Returns whether there was a message. */
    private boolean receive(EventBatch batch, Duration wait) throws InterruptedException {
        Semaphore permit = poller.receiving;
        try {
            int most = Math.min(batch.room(), EventSourceQueue.MESSAGES_PER_CALL);
            List<Message> messages = queue.receive(most, wait);
            moreWaiting = messages.size() == most;
            received.addAll(messages);
        } finally {
            permit.release();
        }
        boolean any = !received.isEmpty();
        addReceived(batch);
        return any;
    }

    /** A message that would make the payload too large stays for the next batch. */
    private void addReceived(EventBatch batch) {
        while (!received.isEmpty() && batch.add(received.peekFirst())) {
            received.removeFirst();
        }
    }

    private void invoke(EventBatch batch) {
        try {
            String response = poller.function.invoke(batch.toJson());
            queue.delete(processed(batch.messages(), response));
        } catch (FunctionError | BatchResponse.Malformed | RuntimeException failure) {
            if (!queue.isClosed()) {
                poller.log.accept("A batch of %d messages failed: %s"
                        .formatted(batch.messages().size(), failure.getMessage()));
            }
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Message> processed(List<Message> messages, String response) throws BatchResponse.Malformed {
        if (!configuration.reportBatchItemFailures()) {
            return messages;
        }
        Set<String> messageIds = HashSet.newHashSet(messages.size());
        messages.forEach(message -> messageIds.add(message.messageId()));
        Set<String> failures = BatchResponse.failures(response, messageIds);
        return failures.isEmpty()
                ? messages
                : messages.stream()
                        .filter(message -> !failures.contains(message.messageId()))
                        .toList();
    }
}
