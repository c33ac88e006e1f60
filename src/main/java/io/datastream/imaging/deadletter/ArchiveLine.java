package io.datastream.imaging.deadletter;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;

/** One message as one line of JSON: all that is needed to send it again by hand. */
final class ArchiveLine {

    static final String MESSAGE_ID = "messageId";
    static final String BODY = "body";

    private static final JsonFactory JSON = new JsonFactory();

    private ArchiveLine() {}

    /** The line, without an end of line. */
    static String of(ExaminedMessage examined) {
        DeadLetter message = examined.message();
        StringWriter line = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(line)) {
            json.writeStartObject();
            json.writeStringField(MESSAGE_ID, message.messageId());
            json.writeStringField("diagnosis", examined.diagnosis().label());
            json.writeStringField("sentAt", message.sentAt().toString());
            json.writeNumberField("receiveCount", message.receiveCount());
            if (message.traceHeader().isPresent()) {
                json.writeStringField("traceHeader", message.traceHeader().get());
            }
            writeAttributes(json, message.attributes());
            json.writeStringField(BODY, message.body());
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException("writing to memory", impossible);
        }
        return line.toString();
    }

    /** In the spelling of SendMessage's {@code MessageAttributes}. */
    private static void writeAttributes(JsonGenerator json, Map<String, MessageAttributeValue> attributes)
            throws IOException {
        json.writeObjectFieldStart("messageAttributes");
        for (Map.Entry<String, MessageAttributeValue> attribute : new TreeMap<>(attributes).entrySet()) {
            MessageAttributeValue value = attribute.getValue();
            json.writeObjectFieldStart(attribute.getKey());
            json.writeStringField("DataType", value.dataType());
            if (value.stringValue() != null) {
                json.writeStringField("StringValue", value.stringValue());
            }
            if (value.binaryValue() != null) {
                json.writeFieldName("BinaryValue");
                json.writeBinary(value.binaryValue().asByteArrayUnsafe());
            }
            json.writeEndObject();
        }
        json.writeEndObject();
    }
}
