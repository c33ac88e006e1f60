package io.datastream.imaging.notification;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What stands in a message's JSON, before anyone judges it: the fields of all known envelopes, null where absent.
 *
 * <p>Read in one pass, whatever the order of the fields; unknown fields are skipped, and a field of another type than
 * expected is an absent one.
 */
final class Envelope {

    /** The fields of one event; S3 and EventBridge say the same with other names. */
    static final class Event {
        @Nullable
        String version;

        @Nullable
        String name;

        @Nullable
        String time;

        @Nullable
        String bucketName;

        @Nullable
        String key;

        @Nullable
        Long size;

        @Nullable
        String eTag;

        @Nullable
        String versionId;

        @Nullable
        String sequencer;
    }

    /** All text is UTF-8 here: no byte order mark, no guessing. */
    private static final JsonFactory JSON =
            JsonFactory.builder().disable(JsonFactory.Feature.CHARSET_DETECTION).build();

    /** S3 event: its events. */
    @Nullable
    List<Event> records;

    /** S3 test event: {@code s3:TestEvent}. */
    @Nullable
    String testEvent;

    /** SNS: the kind of message. */
    @Nullable
    String type;

    /** SNS: the notification inside. */
    @Nullable
    String message;

    /** EventBridge: the service that speaks. */
    @Nullable
    String source;

    /** EventBridge: the kind of event. */
    @Nullable
    String detailType;

    /** EventBridge: the event's time. */
    @Nullable
    String time;

    /** EventBridge: the event. */
    @Nullable
    Event detail;

    private Envelope() {}

    /**
     * Reads one JSON value.
     *
     * @return the envelope, without any field if the value is no object; empty if the text is not one JSON value
     */
    static Optional<Envelope> read(String json) {
        // Bytes are read twice as fast as characters. Half a surrogate pair has none, but SQS and SNS let none in.
        try (JsonParser parser = JSON.createParser(json.getBytes(UTF_8))) {
            if (parser.nextToken() == null) {
                return Optional.empty();
            }
            Envelope envelope = new Envelope();
            envelope.readFields(parser);
            return parser.nextToken() == null ? Optional.of(envelope) : Optional.empty();
        } catch (JsonProcessingException notJson) {
            return Optional.empty();
        } catch (IOException impossible) {
            throw new UncheckedIOException("reading from memory", impossible);
        }
    }

    private void readFields(JsonParser parser) throws IOException {
        for (String field = firstField(parser); field != null; field = nextField(parser)) {
            switch (field) {
                case "Records" -> records = records(parser);
                case "Event" -> testEvent = text(parser);
                case "Type" -> type = text(parser);
                case "Message" -> message = text(parser);
                case "source" -> source = text(parser);
                case "detail-type" -> detailType = text(parser);
                case "time" -> time = text(parser);
                case "detail" -> detail = detail(parser);
                default -> parser.skipChildren();
            }
        }
    }

    private static @Nullable List<Event> records(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            parser.skipChildren();
            return null;
        }
        List<Event> events = new ArrayList<>(1);
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            events.add(record(parser));
        }
        return events;
    }

    private static Event record(JsonParser parser) throws IOException {
        Event event = new Event();
        for (String field = firstField(parser); field != null; field = nextField(parser)) {
            switch (field) {
                case "eventVersion" -> event.version = text(parser);
                case "eventName" -> event.name = text(parser);
                case "eventTime" -> event.time = text(parser);
                case "s3" -> readBucketAndObject(parser, event);
                default -> parser.skipChildren();
            }
        }
        return event;
    }

    private static Event detail(JsonParser parser) throws IOException {
        Event event = new Event();
        readBucketAndObject(parser, event);
        return event;
    }

    private static void readBucketAndObject(JsonParser parser, Event event) throws IOException {
        for (String field = firstField(parser); field != null; field = nextField(parser)) {
            switch (field) {
                case "bucket" -> readBucket(parser, event);
                case "object" -> readObject(parser, event);
                case "event-version" -> event.version = text(parser);
                default -> parser.skipChildren();
            }
        }
    }

    private static void readBucket(JsonParser parser, Event event) throws IOException {
        for (String field = firstField(parser); field != null; field = nextField(parser)) {
            switch (field) {
                case "name" -> event.bucketName = text(parser);
                default -> parser.skipChildren();
            }
        }
    }

    private static void readObject(JsonParser parser, Event event) throws IOException {
        for (String field = firstField(parser); field != null; field = nextField(parser)) {
            switch (field) {
                case "key" -> event.key = text(parser);
                case "size" -> event.size = wholeNumber(parser);
                case "eTag", "etag" -> event.eTag = text(parser);
                case "versionId", "version-id" -> event.versionId = text(parser);
                case "sequencer" -> event.sequencer = text(parser);
                default -> parser.skipChildren();
            }
        }
    }

    /** Steps into an object, onto its first value; any other value is skipped, as an object without fields. */
    private static @Nullable String firstField(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            return nextField(parser);
        }
        parser.skipChildren();
        return null;
    }

    private static @Nullable String nextField(JsonParser parser) throws IOException {
        String field = parser.nextFieldName();
        if (field != null) {
            parser.nextToken();
        }
        return field;
    }

    private static @Nullable String text(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
            return parser.getText();
        }
        parser.skipChildren();
        return null;
    }

    private static @Nullable Long wholeNumber(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
            return parser.getLongValue();
        }
        parser.skipChildren();
        return null;
    }
}
