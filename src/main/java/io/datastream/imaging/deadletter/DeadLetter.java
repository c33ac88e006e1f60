package io.datastream.imaging.deadletter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNullElse;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/**
 * A message of the dead-letter queue, as it was received.
 *
 * @param messageId SQS's ID of it, the same at every receive
 * @param receiptHandle valid until the message is received again
 * @param body as it was sent
 * @param sentAt when it first entered the function's queue (the move to the DLQ keeps this time)
 * @param receiveCount how often it has been received, in the function's queue and in the DLQ
 * @param traceHeader X-Ray's, if it has one
 * @param attributes the sender's own
 */
public record DeadLetter(
        String messageId,
        String receiptHandle,
        String body,
        Instant sentAt,
        int receiveCount,
        Optional<String> traceHeader,
        Map<String, MessageAttributeValue> attributes) {

    public DeadLetter {
        if (messageId.isEmpty() || receiptHandle.isEmpty()) {
            throw new IllegalArgumentException("a received message has an ID and a receipt handle");
        }
        attributes = Map.copyOf(attributes);
    }

    static DeadLetter of(Message message) {
        Map<MessageSystemAttributeName, String> system = message.attributes();
        return new DeadLetter(
                message.messageId(),
                message.receiptHandle(),
                requireNonNullElse(message.body(), ""),
                Instant.ofEpochMilli(
                        Long.parseLong(system.getOrDefault(MessageSystemAttributeName.SENT_TIMESTAMP, "0"))),
                Integer.parseInt(system.getOrDefault(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT, "1")),
                Optional.ofNullable(system.get(MessageSystemAttributeName.AWS_TRACE_HEADER)),
                message.messageAttributes());
    }

    /** Bytes that count towards SQS's limit for a message: the body, and names, types and values of the attributes. */
    int size() {
        int size = body.getBytes(UTF_8).length;
        for (Map.Entry<String, MessageAttributeValue> attribute : attributes.entrySet()) {
            MessageAttributeValue value = attribute.getValue();
            size += attribute.getKey().length() + value.dataType().length();
            size += value.stringValue() == null ? 0 : value.stringValue().getBytes(UTF_8).length;
            size += value.binaryValue() == null ? 0 : value.binaryValue().asByteArrayUnsafe().length;
        }
        return size;
    }

    /** The ID alone: a body is health data. */
    @Override
    public String toString() {
        return "DeadLetter[" + messageId + "]";
    }
}
