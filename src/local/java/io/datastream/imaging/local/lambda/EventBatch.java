package io.datastream.imaging.local.lambda;

import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.amazonaws.services.lambda.runtime.serialization.PojoSerializer;
import com.amazonaws.services.lambda.runtime.serialization.events.LambdaEventSerializers;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;

/**
 * The messages of one invocation, and the event that Lambda makes of them. Each message is written as JSON when it is
 * added, so that the size of the payload is known.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html">An SQS event</a>
 */
final class EventBatch {

    /** Lambda's limit for a synchronous invocation's payload, bytes. */
    static final int PAYLOAD_LIMIT = 6 * 1024 * 1024;

    private static final PojoSerializer<SQSEvent> EVENTS =
            LambdaEventSerializers.serializerFor(SQSEvent.class, EventBatch.class.getClassLoader());
    private static final String OPENING = "{\"Records\":[";
    private static final String CLOSING = "]}";

    private final String queueArn;
    private final int size;
    private final List<Message> messages = new ArrayList<>();
    private final List<String> records = new ArrayList<>();
    private int payload = OPENING.length() + CLOSING.length();
    private boolean closed;

    /** @param size how many messages it holds at most */
    EventBatch(String queueArn, int size) {
        this.queueArn = queueArn;
        this.size = size;
    }

    /** Adds a message unless the batch is full or its payload would become too large: then false. */
    boolean add(Message message) {
        if (isFull()) {
            return false;
        }
        byte[] record = record(message);
        // A single message always fits: SQS allows 1 MiB. The comma is counted.
        if (payload + record.length + 1 > PAYLOAD_LIMIT && !messages.isEmpty()) {
            closed = true;
            return false;
        }
        payload += record.length + 1;
        messages.add(message);
        records.add(new String(record, StandardCharsets.UTF_8));
        return true;
    }

    List<Message> messages() {
        return Collections.unmodifiableList(messages);
    }

    boolean isEmpty() {
        return messages.isEmpty();
    }

    /** No further message fits, by number or by payload. */
    boolean isFull() {
        return closed || messages.size() == size;
    }

    /** How many more messages fit by number. */
    int room() {
        return size - messages.size();
    }

    String toJson() {
        return OPENING + String.join(",", records) + CLOSING;
    }

    /** One element of {@code Records}: what is between the brackets of an event with this message alone. */
    private byte[] record(Message message) {
        SQSEvent.SQSMessage record = new SQSEvent.SQSMessage();
        record.setMessageId(message.messageId());
        record.setReceiptHandle(message.receiptHandle());
        record.setBody(message.body());
        record.setMd5OfBody(message.md5OfBody());
        record.setMd5OfMessageAttributes(message.md5OfMessageAttributes());
        record.setAttributes(message.attributesAsStrings());
        Map<String, SQSEvent.MessageAttribute> attributes = new HashMap<>();
        message.messageAttributes().forEach((name, value) -> attributes.put(name, attribute(value)));
        record.setMessageAttributes(attributes);
        record.setEventSource("aws:sqs");
        record.setEventSourceArn(queueArn);
        record.setAwsRegion(queueArn.split(":", -1)[3]);
        SQSEvent event = new SQSEvent();
        event.setRecords(List.of(record));
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        EVENTS.toJson(event, json);
        byte[] bytes = json.toByteArray();
        return Arrays.copyOfRange(bytes, OPENING.length(), bytes.length - CLOSING.length());
    }

    private static SQSEvent.MessageAttribute attribute(MessageAttributeValue value) {
        SQSEvent.MessageAttribute attribute = new SQSEvent.MessageAttribute();
        attribute.setDataType(value.dataType());
        attribute.setStringValue(value.stringValue());
        attribute.setStringListValues(List.of());
        attribute.setBinaryListValues(List.of());
        if (value.binaryValue() != null) {
            attribute.setBinaryValue(value.binaryValue().asByteBuffer());
        }
        return attribute;
    }
}
