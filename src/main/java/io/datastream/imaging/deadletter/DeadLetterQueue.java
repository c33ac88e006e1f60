package io.datastream.imaging.deadletter;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchResultEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResultEntry;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * The calls to the queue of what failed, each batch's answer read entry by entry. A call as a whole is retried by the
 * client, and throws the SDK's exception in the end.
 */
public final class DeadLetterQueue {

    /** SQS's limit for the entries of a batch. */
    static final int ENTRIES_IN_A_CALL = 10;

    /**
     * How much a queue holds, roughly: SQS itself says "approximate".
     *
     * @param visible ready to be received
     * @param inFlight received by someone, and neither deleted nor visible again
     */
    public record Depth(long visible, long inFlight) {}

    private final SqsClient sqs;
    private final String url;

    /**
     * Names a queue; it is not looked at yet.
     *
     * @param sqs retries whole calls itself
     */
    public DeadLetterQueue(SqsClient sqs, String url) {
        this.sqs = sqs;
        this.url = url;
    }

    /** How much is in it. */
    public Depth depth() {
        Map<QueueAttributeName, String> attributes = attributes(
                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE);
        return new Depth(
                Long.parseLong(attributes.getOrDefault(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES, "0")),
                Long.parseLong(
                        attributes.getOrDefault(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE, "0")));
    }

    String arn() {
        return attributes(QueueAttributeName.QUEUE_ARN).getOrDefault(QueueAttributeName.QUEUE_ARN, "");
    }

    private Map<QueueAttributeName, String> attributes(QueueAttributeName... names) {
        return sqs.getQueueAttributes(request -> request.queueUrl(url).attributeNames(names))
                .attributes();
    }

    /**
     * Receives up to ten messages with all their attributes.
     *
     * @param visibility hidden from others for so long, whole seconds
     * @param wait for a first message, whole seconds; from 1 on SQS asks all its servers, so that empty means empty
     */
    List<DeadLetter> receive(Duration visibility, Duration wait) {
        return sqs
                .receiveMessage(request -> request.queueUrl(url)
                        .maxNumberOfMessages(ENTRIES_IN_A_CALL)
                        .visibilityTimeout(Math.toIntExact(visibility.toSeconds()))
                        .waitTimeSeconds(Math.toIntExact(wait.toSeconds()))
                        .messageSystemAttributeNames(MessageSystemAttributeName.ALL)
                        .messageAttributeNames("All"))
                .messages()
                .stream()
                .map(DeadLetter::of)
                .toList();
    }

    /**
     * Hides messages from now on.
     *
     * @param receipts at most ten
     * @param visibility whole seconds; zero gives them back
     * @return the IDs of the messages that SQS did it for
     */
    Set<String> hide(List<Receipt> receipts, Duration visibility) {
        List<ChangeMessageVisibilityBatchRequestEntry> entries = IntStream.range(0, receipts.size())
                .mapToObj(i -> ChangeMessageVisibilityBatchRequestEntry.builder()
                        .id(Integer.toString(i))
                        .receiptHandle(receipts.get(i).handle())
                        .visibilityTimeout(Math.toIntExact(visibility.toSeconds()))
                        .build())
                .toList();
        return messageIds(
                receipts,
                sqs
                        .changeMessageVisibilityBatch(
                                request -> request.queueUrl(url).entries(entries))
                        .successful()
                        .stream()
                        .map(ChangeMessageVisibilityBatchResultEntry::id)
                        .toList());
    }

    /**
     * Deletes messages.
     *
     * @param receipts at most ten
     * @return the IDs of those that SQS has deleted
     */
    Set<String> delete(List<Receipt> receipts) {
        List<DeleteMessageBatchRequestEntry> entries = IntStream.range(0, receipts.size())
                .mapToObj(i -> DeleteMessageBatchRequestEntry.builder()
                        .id(Integer.toString(i))
                        .receiptHandle(receipts.get(i).handle())
                        .build())
                .toList();
        return messageIds(
                receipts,
                sqs.deleteMessageBatch(request -> request.queueUrl(url).entries(entries)).successful().stream()
                        .map(DeleteMessageBatchResultEntry::id)
                        .toList());
    }

    private static Set<String> messageIds(List<Receipt> receipts, List<String> entryIds) {
        Set<String> messageIds = new HashSet<>();
        entryIds.forEach(id -> messageIds.add(receipts.get(Integer.parseInt(id)).messageId()));
        return messageIds;
    }

    /** Cuts a list into calls. */
    static <T> List<List<T>> calls(List<T> all) {
        List<List<T>> calls = new ArrayList<>();
        for (int from = 0; from < all.size(); from += ENTRIES_IN_A_CALL) {
            calls.add(all.subList(from, Math.min(from + ENTRIES_IN_A_CALL, all.size())));
        }
        return calls;
    }
}
