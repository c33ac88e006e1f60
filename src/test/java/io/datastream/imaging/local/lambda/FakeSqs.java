package io.datastream.imaging.local.lambda;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResultEntry;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesRequest;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesResponse;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageResponse;

/** One queue in memory: visibility, long polling, and errors on demand. */
final class FakeSqs implements SqsClient {

    private static final class Stored {
        final Message message;
        long visibleFrom = System.nanoTime();
        int receiveCount;

        Stored(Message message) {
            this.message = message;
        }
    }

    /** How long a second of this queue's time lasts, of visibility timeouts and long polls: tests need not wait. */
    static final Duration SECOND = Duration.ofMillis(100);

    private final Duration visibility;
    private final List<Stored> stored = new ArrayList<>();
    private int refusals;
    private int failingDeletions;
    private int receiveCalls;
    private final Map<Integer, String> arrivals = new HashMap<>();

    FakeSqs(Duration visibility) {
        this.visibility = visibility;
    }

    /** Puts a message whose ID is its body. */
    synchronized void send(String body) {
        stored.add(new Stored(Message.builder()
                .messageId(body)
                .receiptHandle(UUID.randomUUID().toString())
                .body(body)
                .md5OfBody("0")
                .build()));
        notifyAll();
    }

    void send(int messages) {
        for (int i = 0; i < messages; i++) {
            send("message-" + i);
        }
    }

    /** Puts a message while the queue is received from for the {@code call}th time, 1 for the first. */
    synchronized void sendDuringReceive(int call, String body) {
        arrivals.put(call, body);
    }

    /** How many further calls fail with a refused connection. */
    synchronized void refuse(int calls) {
        refusals = calls;
    }

    /** How many further entries of deletions fail. */
    synchronized void failDeletions(int entries) {
        failingDeletions = entries;
    }

    /** The bodies of what is in the queue, visible or not. */
    synchronized List<String> bodies() {
        return stored.stream().map(entry -> entry.message.body()).toList();
    }

    synchronized int refusalsLeft() {
        return refusals;
    }

    synchronized int receiveCalls() {
        return receiveCalls;
    }

    @Override
    public synchronized ReceiveMessageResponse receiveMessage(ReceiveMessageRequest request) {
        receiveCalls++;
        refuseIfTold();
        if (arrivals.containsKey(receiveCalls)) {
            send(arrivals.get(receiveCalls));
        }
        long end = System.nanoTime()
                + SECOND.multipliedBy(request.waitTimeSeconds()).toNanos();
        List<Message> received = takeVisible(request.maxNumberOfMessages());
        while (received.isEmpty() && System.nanoTime() < end) {
            try {
                wait(20);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw SdkClientException.create("interrupted");
            }
            received = takeVisible(request.maxNumberOfMessages());
        }
        return ReceiveMessageResponse.builder().messages(received).build();
    }

    private List<Message> takeVisible(int most) {
        long now = System.nanoTime();
        List<Message> taken = new ArrayList<>();
        for (Stored entry : stored) {
            if (taken.size() < most && entry.visibleFrom - now <= 0) {
                entry.visibleFrom =
                        now + SECOND.multipliedBy(visibility.toSeconds()).toNanos();
                entry.receiveCount++;
                taken.add(entry.message.toBuilder()
                        .attributes(Map.of(
                                MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT,
                                Integer.toString(entry.receiveCount)))
                        .build());
            }
        }
        return taken;
    }

    @Override
    public synchronized DeleteMessageBatchResponse deleteMessageBatch(DeleteMessageBatchRequest request) {
        refuseIfTold();
        List<DeleteMessageBatchResultEntry> successful = new ArrayList<>();
        List<BatchResultErrorEntry> failed = new ArrayList<>();
        for (DeleteMessageBatchRequestEntry entry : request.entries()) {
            if (failingDeletions > 0) {
                failingDeletions--;
                failed.add(BatchResultErrorEntry.builder()
                        .id(entry.id())
                        .code("InternalError")
                        .senderFault(false)
                        .build());
            } else {
                stored.removeIf(candidate -> candidate.message.receiptHandle().equals(entry.receiptHandle()));
                successful.add(
                        DeleteMessageBatchResultEntry.builder().id(entry.id()).build());
            }
        }
        return DeleteMessageBatchResponse.builder()
                .successful(successful)
                .failed(failed)
                .build();
    }

    @Override
    public synchronized GetQueueAttributesResponse getQueueAttributes(GetQueueAttributesRequest request) {
        refuseIfTold();
        long now = System.nanoTime();
        long visible =
                stored.stream().filter(entry -> entry.visibleFrom - now <= 0).count();
        return GetQueueAttributesResponse.builder()
                .attributes(Map.of(
                        QueueAttributeName.VISIBILITY_TIMEOUT, Long.toString(visibility.toSeconds()),
                        QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES, Long.toString(visible)))
                .build();
    }

    private void refuseIfTold() {
        if (refusals > 0) {
            refusals--;
            throw SdkClientException.create("Connection refused");
        }
    }

    @Override
    public String serviceName() {
        return "sqs";
    }

    @Override
    public void close() {}
}
