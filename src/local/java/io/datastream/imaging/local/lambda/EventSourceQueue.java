package io.datastream.imaging.local.lambda;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;

/** The queue of an event source. A call that fails is repeated until the queue is closed. */
final class EventSourceQueue {

    /** SQS's limit for one call. */
    static final int MESSAGES_PER_CALL = 10;

    private static final Duration RETRY_INTERVAL = Duration.ofMillis(250);

    private final SqsClient sqs;
    private final String url;
    private final Consumer<String> log;
    private final Duration visibilityTimeout;
    private final AtomicBoolean failing = new AtomicBoolean();
    private final CountDownLatch closed = new CountDownLatch(1);

    /** Reads the queue's visibility timeout; an error of that call is thrown, as AWS refuses a mapping then. */
    EventSourceQueue(SqsClient sqs, String url, Consumer<String> log) {
        this.sqs = sqs;
        this.url = url;
        this.log = log;
        this.visibilityTimeout = Duration.ofSeconds(attribute(QueueAttributeName.VISIBILITY_TIMEOUT));
    }

    Duration visibilityTimeout() {
        return visibilityTimeout;
    }

    /** About how many messages wait to be received; 0 if the call fails. */
    long backlog() {
        try {
            return attribute(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES);
        } catch (RuntimeException failed) {
            return 0;
        }
    }

    private long attribute(QueueAttributeName name) {
        return Long.parseLong(
                sqs.getQueueAttributes(request -> request.queueUrl(url).attributeNames(name))
                        .attributes()
                        .get(name));
    }

    /**
     * Receives with every attribute. After an error it pauses and then returns none; closed, it returns none.
     *
     * @param most how many messages, 1 to 10
     * @param wait how long SQS waits for a first message, whole seconds
     */
    List<Message> receive(int most, Duration wait) throws InterruptedException {
        if (isClosed()) {
            return List.of();
        }
        ReceiveMessageRequest request = ReceiveMessageRequest.builder()
                .queueUrl(url)
                .maxNumberOfMessages(most)
                .waitTimeSeconds(Math.toIntExact(wait.toSeconds()))
                .messageSystemAttributeNames(MessageSystemAttributeName.ALL)
                .messageAttributeNames("All")
                .build();
        try {
            List<Message> messages = sqs.receiveMessage(request).messages();
            failing.set(false);
            return messages;
        } catch (RuntimeException error) { // whatever the client throws, the poller goes on
            failed("ReceiveMessage", error.toString());
            return List.of();
        }
    }

    /** Deletes messages; gives up after the visibility timeout, since by then they may have been received anew. */
    void delete(List<Message> messages) throws InterruptedException {
        long deadline = System.nanoTime() + visibilityTimeout.toNanos();
        for (int from = 0; from < messages.size(); from += MESSAGES_PER_CALL) {
            Map<String, String> handles = new HashMap<>();
            for (Message message : messages.subList(from, Math.min(from + MESSAGES_PER_CALL, messages.size()))) {
                handles.put(Integer.toString(handles.size()), message.receiptHandle());
            }
            deleteUntil(deadline, handles);
        }
    }

    private void deleteUntil(long deadline, Map<String, String> handles) throws InterruptedException {
        while (!handles.isEmpty() && !isClosed() && System.nanoTime() < deadline) {
            try {
                DeleteMessageBatchResponse response = deleteOnce(handles);
                response.successful().forEach(entry -> handles.remove(entry.id()));
                for (BatchResultErrorEntry entry : response.failed()) {
                    if (Boolean.TRUE.equals(entry.senderFault())) {
                        log.accept("DeleteMessageBatch refused a message for good: " + entry.code());
                        handles.remove(entry.id());
                    }
                }
                if (handles.isEmpty()) {
                    failing.set(false);
                } else {
                    failed("DeleteMessageBatch", handles.size() + " entries failed");
                }
            } catch (RuntimeException error) {
                failed("DeleteMessageBatch", error.toString());
            }
        }
    }

    private DeleteMessageBatchResponse deleteOnce(Map<String, String> handles) {
        List<DeleteMessageBatchRequestEntry> entries = new ArrayList<>(handles.size());
        handles.forEach((id, handle) -> entries.add(DeleteMessageBatchRequestEntry.builder()
                .id(id)
                .receiptHandle(handle)
                .build()));
        return sqs.deleteMessageBatch(request -> request.queueUrl(url).entries(entries));
    }

    /** Waits, less long if the queue is closed meanwhile. */
    void pause(Duration pause) throws InterruptedException {
        boolean unused = closed.await(pause.toNanos(), TimeUnit.NANOSECONDS);
    }

    boolean isClosed() {
        return closed.getCount() == 0;
    }

    void close() {
        closed.countDown();
    }

    /** Waits before a failed call is repeated. Only the first of several failures in a row is logged. */
    private void failed(String operation, String reason) throws InterruptedException {
        if (!failing.getAndSet(true) && !isClosed()) {
            log.accept(operation + " fails and is repeated: " + reason);
        }
        pause(RETRY_INTERVAL);
    }
}
