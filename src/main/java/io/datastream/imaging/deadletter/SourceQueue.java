package io.datastream.imaging.deadletter;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeNameForSends;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeValue;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResultEntry;

/** The queue that the function reads, and that replayed messages go to. */
public final class SourceQueue {

    /** SQS's answer for one message. */
    sealed interface Answer {

        /** It has the message, under a new ID. */
        record Accepted(String newMessageId) implements Answer {}

        /** It has not, and would not have it another time. */
        record Refused(String errorCode) implements Answer {}

        /** It has not, this time. */
        record TryAgain(String errorCode) implements Answer {}
    }

    private final SqsClient sqs;
    private final String url;

    /**
     * Names a queue; it is not looked at yet.
     *
     * @param sqs retries whole calls itself
     */
    public SourceQueue(SqsClient sqs, String url) {
        this.sqs = sqs;
        this.url = url;
    }

    String arn() {
        return sqs.getQueueAttributes(request -> request.queueUrl(url).attributeNames(QueueAttributeName.QUEUE_ARN))
                .attributes()
                .getOrDefault(QueueAttributeName.QUEUE_ARN, "");
    }

    /**
     * Sends messages as they were: body, attributes, trace header.
     *
     * @param messages at most ten, and at most SQS's bytes of a call
     * @return an answer for each message ID
     */
    Map<String, Answer> send(List<DeadLetter> messages) {
        List<SendMessageBatchRequestEntry> entries = IntStream.range(0, messages.size())
                .mapToObj(i -> entry(Integer.toString(i), messages.get(i)))
                .toList();
        SendMessageBatchResponse response =
                sqs.sendMessageBatch(request -> request.queueUrl(url).entries(entries));
        Map<String, Answer> answers = new HashMap<>();
        messages.forEach(message -> answers.put(message.messageId(), new Answer.TryAgain("NoAnswer")));
        for (SendMessageBatchResultEntry sent : response.successful()) {
            answers.put(messageId(messages, sent.id()), new Answer.Accepted(sent.messageId()));
        }
        for (BatchResultErrorEntry failed : response.failed()) {
            answers.put(
                    messageId(messages, failed.id()),
                    Boolean.TRUE.equals(failed.senderFault())
                            ? new Answer.Refused(failed.code())
                            : new Answer.TryAgain(failed.code()));
        }
        return answers;
    }

    private static String messageId(List<DeadLetter> messages, String entryId) {
        return messages.get(Integer.parseInt(entryId)).messageId();
    }

    private static SendMessageBatchRequestEntry entry(String id, DeadLetter message) {
        SendMessageBatchRequestEntry.Builder entry = SendMessageBatchRequestEntry.builder()
                .id(id)
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
}
