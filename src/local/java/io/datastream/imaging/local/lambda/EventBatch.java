package io.datastream.imaging.local.lambda;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;

/**
 * The messages of one invocation, and the event that Lambda makes of them. The JSON grows with the batch, so that its
 * size is known message by message.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html">An SQS event</a>
 */
final class EventBatch {

    /** Lambda's limit for a synchronous invocation's payload, bytes. */
    static final int PAYLOAD_LIMIT = 6 * 1024 * 1024;

    private static final String OPENING = "{\"Records\":[";
    private static final String CLOSING = "]}";

    private final String queueArn;
    private final String region;
    private final int size;
    private final List<Message> messages = new ArrayList<>();
    private final StringBuilder json = new StringBuilder(OPENING);
    private long payload = OPENING.length() + CLOSING.length();
    private boolean closed;

    /** @param size how many messages it holds at most */
    EventBatch(String queueArn, int size) {
        this.queueArn = queueArn;
        this.region = queueArn.split(":", -1)[3];
        this.size = size;
    }

    /** Adds a message unless the batch is full or its payload would become too large: then false. */
    boolean add(Message message) {
        if (isFull()) {
            return false;
        }
        int before = json.length();
        if (!messages.isEmpty()) {
            json.append(',');
        }
        appendRecord(message);
        long length = utf8Length(json, before);
        // A single message always fits: SQS allows 1 MiB.
        if (payload + length > PAYLOAD_LIMIT && !messages.isEmpty()) {
            json.setLength(before);
            closed = true;
            return false;
        }
        payload += length;
        messages.add(message);
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
        return json + CLOSING;
    }

    private void appendRecord(Message message) {
        json.append('{');
        appendField("messageId", message.messageId());
        json.append(',');
        appendField("receiptHandle", message.receiptHandle());
        json.append(',');
        appendField("body", message.body());
        json.append(",\"attributes\":{");
        String separator = "";
        for (Map.Entry<String, String> attribute : message.attributesAsStrings().entrySet()) {
            json.append(separator);
            appendField(attribute.getKey(), attribute.getValue());
            separator = ",";
        }
        json.append("},\"messageAttributes\":{");
        separator = "";
        for (Map.Entry<String, MessageAttributeValue> attribute :
                message.messageAttributes().entrySet()) {
            json.append(separator);
            appendText(attribute.getKey());
            json.append(':');
            appendValue(attribute.getValue());
            separator = ",";
        }
        json.append("},");
        appendField("md5OfBody", message.md5OfBody());
        json.append(',');
        if (message.md5OfMessageAttributes() != null) {
            appendField("md5OfMessageAttributes", message.md5OfMessageAttributes());
            json.append(',');
        }
        appendField("eventSource", "aws:sqs");
        json.append(',');
        appendField("eventSourceARN", queueArn);
        json.append(',');
        appendField("awsRegion", region);
        json.append('}');
    }

    private void appendValue(MessageAttributeValue value) {
        json.append('{');
        if (value.stringValue() != null) {
            appendField("stringValue", value.stringValue());
            json.append(',');
        }
        if (value.binaryValue() != null) {
            appendField(
                    "binaryValue",
                    Base64.getEncoder().encodeToString(value.binaryValue().asByteArrayUnsafe()));
            json.append(',');
        }
        json.append("\"stringListValues\":[],\"binaryListValues\":[],");
        appendField("dataType", value.dataType());
        json.append('}');
    }

    private void appendField(String name, @Nullable String value) {
        appendText(name);
        json.append(':');
        if (value == null) {
            json.append("null");
        } else {
            appendText(value);
        }
    }

    private void appendText(String text) {
        json.append('"');
        JsonStringEncoder.getInstance().quoteAsString(text, json);
        json.append('"');
    }

    private static long utf8Length(CharSequence text, int from) {
        long length = 0;
        for (int i = from; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character < 0x80) {
                length += 1;
            } else if (character < 0x800 || Character.isSurrogate(character)) {
                length += 2; // a pair of surrogates is four bytes
            } else {
                length += 3;
            }
        }
        return length;
    }
}
