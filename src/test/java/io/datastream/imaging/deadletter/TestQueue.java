package io.datastream.imaging.deadletter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResponse;

/** A queue seen by a test, by a client that meets no fault. */
public record TestQueue(SqsClient sqs, String url) {

    /**
     * Fills the queue.
     *
     * @return the bodies by their message IDs
     */
    public SortedMap<String, String> send(List<String> bodies) {
        SortedMap<String, String> sent = new ConcurrentSkipListMap<>();
        try (ExecutorService senders = Executors.newFixedThreadPool(4)) {
            for (List<String> call : calls(bodies)) {
                senders.execute(() -> sent.putAll(sendCall(call)));
            }
        }
        assertThat(sent).hasSameSizeAs(bodies);
        return sent;
    }

    private Map<String, String> sendCall(List<String> call) {
        SendMessageBatchResponse response = sqs.sendMessageBatch(request -> request.queueUrl(url)
                .entries(IntStream.range(0, call.size())
                        .mapToObj(i -> SendMessageBatchRequestEntry.builder()
                                .id(Integer.toString(i))
                                .messageBody(call.get(i))
                                .build())
                        .toList()));
        Map<String, String> sent = new TreeMap<>();
        response.successful().forEach(entry -> sent.put(entry.messageId(), call.get(Integer.parseInt(entry.id()))));
        return sent;
    }

    /** All visible messages, which stay visible. */
    public List<Message> messages() {
        List<Message> all = new ArrayList<>();
        for (List<Message> some = receive(); !some.isEmpty(); some = receive()) {
            all.addAll(some);
        }
        for (List<Message> call : calls(all)) {
            sqs.changeMessageVisibilityBatch(request -> request.queueUrl(url)
                    .entries(IntStream.range(0, call.size())
                            .mapToObj(i -> ChangeMessageVisibilityBatchRequestEntry.builder()
                                    .id(Integer.toString(i))
                                    .receiptHandle(call.get(i).receiptHandle())
                                    .visibilityTimeout(0)
                                    .build())
                            .toList()));
        }
        return all;
    }

    private List<Message> receive() {
        return sqs.receiveMessage(request -> request.queueUrl(url)
                        .maxNumberOfMessages(10)
                        .visibilityTimeout(3_600)
                        .messageAttributeNames("All"))
                .messages();
    }

    /** The bodies of all visible messages by their IDs; nobody sees them again. */
    public SortedMap<String, String> takeAll() {
        SortedMap<String, String> bodies = new ConcurrentSkipListMap<>();
        try (ExecutorService receivers = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 4; i++) {
                receivers.execute(() -> {
                    for (List<Message> some = receive(); !some.isEmpty(); some = receive()) {
                        some.forEach(message -> bodies.put(message.messageId(), message.body()));
                    }
                });
            }
        }
        return bodies;
    }

    /** The bodies of all visible messages by their IDs, which stay visible. */
    public SortedMap<String, String> bodies() {
        SortedMap<String, String> bodies = new TreeMap<>();
        messages().forEach(message -> bodies.put(message.messageId(), message.body()));
        return bodies;
    }

    /** How many messages are visible. */
    public int visible() {
        return count(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES);
    }

    /** How many messages somebody holds. */
    public int inFlight() {
        return count(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE);
    }

    private int count(QueueAttributeName attribute) {
        return Integer.parseInt(
                sqs.getQueueAttributes(request -> request.queueUrl(url).attributeNames(attribute))
                        .attributes()
                        .get(attribute));
    }

    private static <T> List<List<T>> calls(List<T> all) {
        List<List<T>> calls = new ArrayList<>();
        for (int from = 0; from < all.size(); from += 10) {
            calls.add(all.subList(from, Math.min(from + 10, all.size())));
        }
        return calls;
    }
}
