package io.datastream.imaging.cli;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Shows the shape of a body without its names: letters and digits become {@code x}, but for the fields that can hold
 * neither a patient's nor a file's name. Everything else is masked.
 */
final class BodyMask {

    /** A field of any other name may have been sent by hand, and its name itself may be health data. */
    private static final Set<String> KNOWN_FIELDS = words(
            """
            Records s3 object bucket detail detail-type Message key urlDecodedKey name arn eTag etag
            versionId version-id sequencer userIdentity principalId requestParameters responseElements
            ownerIdentity configurationId Subject MessageId TopicArn Signature SigningCertURL
            SigningCertUrl UnsubscribeURL UnsubscribeUrl sourceIPAddress source-ip-address requester
            request-id resources id account MessageAttributes x-amz-request-id x-amz-id-2
            """);

    private static final Set<String> SHOWN_FIELDS = words(
            """
            eventVersion eventSource awsRegion eventTime eventName s3SchemaVersion size Type Timestamp
            SignatureVersion version source time region reason deletion-type Event Service Time
            """);

    private static final JsonFactory JSON = new JsonFactory();

    private BodyMask() {}

    private static Set<String> words(String text) {
        return Set.of(text.strip().split("\\s+"));
    }

    static String mask(String body) {
        try {
            return maskJson(body);
        } catch (JacksonException e) {
            return hide(body);
        } catch (IOException impossible) {
            throw new UncheckedIOException("reading from memory", impossible);
        }
    }

    private static String maskJson(String body) throws IOException {
        StringWriter masked = new StringWriter();
        try (JsonParser from = JSON.createParser(body);
                JsonGenerator to = JSON.createGenerator(masked)) {
            Deque<Boolean> shown = new ArrayDeque<>();
            shown.push(false);
            for (JsonToken token = from.nextToken(); token != null; token = from.nextToken()) {
                copy(from, to, token, shown);
            }
        }
        return masked.toString();
    }

    /** The stack's top is whether the next value may be shown; arrays and objects inside are never. */
    private static void copy(JsonParser from, JsonGenerator to, JsonToken token, Deque<Boolean> shown)
            throws IOException {
        switch (token) {
            case START_OBJECT -> {
                to.writeStartObject();
                shown.push(false);
            }
            case END_OBJECT -> {
                to.writeEndObject();
                shown.pop();
            }
            case START_ARRAY -> {
                to.writeStartArray();
                shown.push(false);
            }
            case END_ARRAY -> {
                to.writeEndArray();
                shown.pop();
            }
            case FIELD_NAME -> {
                String field = from.currentName();
                to.writeFieldName(KNOWN_FIELDS.contains(field) || SHOWN_FIELDS.contains(field) ? field : hide(field));
                shown.pop();
                shown.push(SHOWN_FIELDS.contains(field));
            }
            default -> copyValue(from, to, token, Boolean.TRUE.equals(shown.peek()));
        }
    }

    private static void copyValue(JsonParser from, JsonGenerator to, JsonToken token, boolean isShown)
            throws IOException {
        if (isShown || token == JsonToken.VALUE_NULL || token.isBoolean()) {
            to.copyCurrentEvent(from);
        } else if ("Message".equals(from.currentName()) && token == JsonToken.VALUE_STRING) {
            to.writeString(mask(from.getText()));
        } else {
            to.writeString(hide(from.getText()));
        }
    }

    private static String hide(String text) {
        return text.codePoints()
                .map(character -> Character.isLetterOrDigit(character) || character > 127 ? 'x' : character)
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
    }
}
