package io.datastream.imaging.deadletter;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeNameForSends;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeValue;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResponse;

/** An SQS queue: the one that is drained, or the one that messages are sent back to. Every call is retried. */
public final class Queue {

    /** SQS's limit for a batch. */
    static final int ENTRIES_IN_A_CALL = 10;

    /** Below every limit that SQS had for the bytes of a batch, which was 256 KiB before it was 1 MiB. */
    private static final int BYTES_IN_A_CALL = 250_000;

    /**
     * How much a queue holds. SQS calls these numbers approximate.
     *
     * @param visible ready to be received
     * @param inFlight leased: received by someone, and neither deleted nor visible again
     */
    public record Depth(long visible, long inFlight) {}

    /**
     * Result of sending messages.
     *
     * @param accepted the new message ID of each message that the queue has now, by the old one
     * @param refused the error code of each message that it has not
     */
    record Sent(Map<String, String> accepted, Map<String, String> refused) {}

    private final SqsClient sqs;
    private final String url;
    private final Retries retries;

    /**
     * Names a queue; no call is made.
     *
     * @param sqs a client without retries of its own
     */
    public Queue(SqsClient sqs, String url, Retries retries) {
        this.sqs = sqs;
        this.url = url;
        this.retries = retries;
    }

    /** How much is in it now. */
    public Depth depth() {
        Map<QueueAttributeName, String> attributes = attributes(
                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE);
        return new Depth(
                Long.parseLong(attributes.getOrDefault(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES, "0")),
                Long.parseLong(
                        attributes.getOrDefault(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE, "0")));
    }

    /** The ARN, which is the same for every spelling of the URL. */
    public String arn() {
        return attributes(QueueAttributeName.QUEUE_ARN).getOrDefault(QueueAttributeName.QUEUE_ARN, "");
    }

    /** The KMS key that encrypts the messages, if it is not SQS's own. */
    public Optional<String> key() {
        return Optional.ofNullable(
                attributes(QueueAttributeName.KMS_MASTER_KEY_ID).get(QueueAttributeName.KMS_MASTER_KEY_ID));
    }

    private Map<QueueAttributeName, String> attributes(QueueAttributeName... names) {
        return retries.call(
                () -> sqs.getQueueAttributes(request -> request.queueUrl(url).attributeNames(names))
                        .attributes());
    }

    /**
     * Receives messages with all their attributes.
     *
     * @param most at most ten
     * @param visibility how long they are leased, whole seconds
     * @param wait for a first message, whole seconds; from 1 on SQS queries all its servers, so that empty means empty
     */
    List<DeadLetter> receive(int most, Duration visibility, Duration wait) {
        return retries.call(() -> sqs
                .receiveMessage(request -> request.queueUrl(url)
                        .maxNumberOfMessages(most)
                        .visibilityTimeout(Math.toIntExact(visibility.toSeconds()))
                        .waitTimeSeconds(Math.toIntExact(wait.toSeconds()))
                        .messageSystemAttributeNames(MessageSystemAttributeName.ALL)
                        .messageAttributeNames("All"))
                .messages()
                .stream()
                .map(DeadLetter::of)
                .toList());
    }

    /**
     * Sends messages as they were: body, attributes, trace header. Entries that fail for a passing cause are sent again.
     *
     * @param messages at most one {@linkplain #calls call}
     */
    Sent send(List<DeadLetter> messages) {
        Map<String, String> accepted = new HashMap<>();
        Map<String, String> refused = new HashMap<>();
        List<DeadLetter> waiting = messages;
        Retries.Attempts attempts = retries.new Attempts();
        do {
            List<SendMessageBatchRequestEntry> entries =
                    waiting.stream().map(Queue::entry).toList();
            SendMessageBatchResponse response = retries.call(
                    () -> sqs.sendMessageBatch(request -> request.queueUrl(url).entries(entries)));
            response.successful().forEach(entry -> accepted.put(entry.id(), entry.messageId()));
            response.failed().forEach(entry -> refused.put(entry.id(), entry.code()));
            Set<String> again = passing(response.failed());
            waiting = waiting.stream()
                    .filter(message -> again.contains(message.messageId()))
                    .toList();
        } while (!waiting.isEmpty() && attempts.another());
        refused.keySet().removeAll(accepted.keySet());
        return new Sent(accepted, refused);
    }

    /**
     * Deletes messages. Entries that fail for a passing cause are sent again.
     *
     * @param receiptHandles of at most ten messages, by message ID
     * @return the IDs of those that SQS has deleted
     */
    Set<String> delete(Map<String, String> receiptHandles) {
        Set<String> deleted = new HashSet<>();
        Set<String> waiting = receiptHandles.keySet();
        Retries.Attempts attempts = retries.new Attempts();
        do {
            List<DeleteMessageBatchRequestEntry> entries = waiting.stream()
                    .map(id -> DeleteMessageBatchRequestEntry.builder()
                            .id(id)
                            .receiptHandle(receiptHandles.get(id))
                            .build())
                    .toList();
            DeleteMessageBatchResponse response = retries.call(() ->
                    sqs.deleteMessageBatch(request -> request.queueUrl(url).entries(entries)));
            response.successful().forEach(entry -> deleted.add(entry.id()));
            waiting = passing(response.failed());
        } while (!waiting.isEmpty() && attempts.another());
        return deleted;
    }

    /**
     * Ends leases: the messages are visible to everyone at once.
     *
     * @param receiptHandles of at most ten messages, by message ID
     */
    void release(Map<String, String> receiptHandles) {
        List<ChangeMessageVisibilityBatchRequestEntry> entries = receiptHandles.entrySet().stream()
                .map(lease -> ChangeMessageVisibilityBatchRequestEntry.builder()
                        .id(lease.getKey())
                        .receiptHandle(lease.getValue())
                        .visibilityTimeout(0)
                        .build())
                .toList();
        var unused = retries.call(() -> sqs.changeMessageVisibilityBatch(
                request -> request.queueUrl(url).entries(entries)));
    }

    /** The same queue, with the short patience of a run's end. */
    Queue atTheEnd() {
        return new Queue(sqs, url, retries.brief());
    }

    private static Set<String> passing(List<BatchResultErrorEntry> failed) {
        return failed.stream()
                .filter(entry -> !Boolean.TRUE.equals(entry.senderFault()) || Retries.isPassing(entry.code()))
                .map(BatchResultErrorEntry::id)
                .collect(Collectors.toSet());
    }

    /** The ID of a message is also the ID of its entry. */
    private static SendMessageBatchRequestEntry entry(DeadLetter message) {
        SendMessageBatchRequestEntry.Builder entry = SendMessageBatchRequestEntry.builder()
                .id(message.messageId())
                .messageBody(message.body())
                .messageAttributes(message.attributes());
        message.traceHeader()
                .ifPresent(trace -> entry.messageSystemAttributes(Map.of(
                        MessageSystemAttributeNameForSends.AWS_TRACE_HEADER,
                        MessageSystemAttributeValue.builder()
                                .dataType("String")
                                .stringValue(trace)
                                .build())));
        return entry.build();
    }

    /**
     * Divides messages into calls.
     *
     * @param most messages in a call, at most ten; their bytes are within SQS's limit as well
     */
    static List<List<DeadLetter>> calls(List<DeadLetter> messages, int most) {
        List<List<DeadLetter>> calls = new ArrayList<>();
        List<DeadLetter> call = new ArrayList<>();
        int bytes = 0;
        for (DeadLetter message : messages) {
            int size = message.size();
            if (call.size() == most || (!call.isEmpty() && bytes + size > BYTES_IN_A_CALL)) {
                calls.add(call);
                call = new ArrayList<>();
                bytes = 0;
            }
            call.add(message);
            bytes += size;
        }
        if (!call.isEmpty()) {
            calls.add(call);
        }
        return calls;
    }
}
