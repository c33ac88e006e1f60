package io.datastream.imaging.notification;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The fields of all known envelopes, as a message's JSON has them, before anything is judged. A field is null where it
 * is absent or has another type than expected. Unknown fields are skipped.
 *
 * @param records the records of an S3 event
 * @param testEvent {@code s3:TestEvent} in S3's test event
 * @param type the kind of an SNS message
 * @param message the envelope inside an SNS message; null also if that is not JSON
 * @param source the service that an EventBridge event comes from
 * @param detailType the kind of an EventBridge event
 * @param time the time of an EventBridge event
 * @param detail the content of an EventBridge event
 */
record Envelope(
        @Nullable List<Event> records,
        @Nullable String testEvent,
        @Nullable String type,
        @Nullable Envelope message,
        @Nullable String source,
        @Nullable String detailType,
        @Nullable String time,
        @Nullable Content detail) {

    /** One record of an S3 event. */
    record Event(@Nullable String version, @Nullable String name, @Nullable String time, @Nullable Content content) {}

    /** What S3's {@code s3} and EventBridge's {@code detail} have in common. Only a detail has a version. */
    record Content(@Nullable String version, @Nullable String bucketName, @Nullable StoredObject object) {}

    /** The object that was stored. */
    record StoredObject(
            @Nullable String key,
            @Nullable Long size,
            @Nullable String eTag,
            @Nullable String versionId,
            @Nullable String sequencer) {}

    /** A name that occurs twice in an object is an error: of two {@code Records} one would be lost without a trace. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    /**
     * Reads one JSON value.
     *
     * @return an envelope without any field if the value is not an object; null if the text is not one JSON value
     */
    static @Nullable Envelope read(String json) {
        return read(json.toCharArray(), 0, json.length());
    }

    private static @Nullable Envelope read(char[] json, int offset, int length) {
        try (JsonParser parser = JSON.createParser(json, offset, length)) {
            if (parser.nextToken() == null) {
                return null;
            }
            Envelope envelope = envelope(parser);
            return parser.nextToken() == null ? envelope : null;
        } catch (JsonProcessingException notJson) {
            return null;
        } catch (IOException impossible) {
            throw new UncheckedIOException("reading from memory", impossible);
        }
    }

    private static Envelope envelope(JsonParser json) throws IOException {
        List<Event> records = null;
        String testEvent = null;
        String type = null;
        Envelope message = null;
        String source = null;
        String detailType = null;
        String time = null;
        Content detail = null;
        for (String field = firstField(json); field != null; field = nextField(json)) {
            switch (field) {
                case "Records" -> records = records(json);
                case "Event" -> testEvent = text(json);
                case "Type" -> type = text(json);
                case "Message" -> message = message(json);
                case "source" -> source = text(json);
                case "detail-type" -> detailType = text(json);
                case "time" -> time = text(json);
                case "detail" -> detail = content(json);
                default -> json.skipChildren();
            }
        }
        return new Envelope(records, testEvent, type, message, source, detailType, time, detail);
    }

    /** The text is read where the parser holds it: most of a message is this text, and it needs no copy. */
    private static @Nullable Envelope message(JsonParser json) throws IOException {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            json.skipChildren();
            return null;
        }
        return read(json.getTextCharacters(), json.getTextOffset(), json.getTextLength());
    }

    private static @Nullable List<Event> records(JsonParser json) throws IOException {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            json.skipChildren();
            return null;
        }
        List<Event> events = new ArrayList<>(1);
        while (json.nextToken() != JsonToken.END_ARRAY) {
            events.add(event(json));
        }
        return events;
    }

    private static Event event(JsonParser json) throws IOException {
        String version = null;
        String name = null;
        String time = null;
        Content content = null;
        for (String field = firstField(json); field != null; field = nextField(json)) {
            switch (field) {
                case "eventVersion" -> version = text(json);
                case "eventName" -> name = text(json);
                case "eventTime" -> time = text(json);
                case "s3" -> content = content(json);
                default -> json.skipChildren();
            }
        }
        return new Event(version, name, time, content);
    }

    private static Content content(JsonParser json) throws IOException {
        String version = null;
        String bucketName = null;
        StoredObject object = null;
        for (String field = firstField(json); field != null; field = nextField(json)) {
            switch (field) {
                case "event-version" -> version = text(json);
                case "bucket" -> bucketName = bucketName(json);
                case "object" -> object = object(json);
                default -> json.skipChildren();
            }
        }
        return new Content(version, bucketName, object);
    }

    private static @Nullable String bucketName(JsonParser json) throws IOException {
        String name = null;
        for (String field = firstField(json); field != null; field = nextField(json)) {
            if (field.equals("name")) {
                name = text(json);
            } else {
                json.skipChildren();
            }
        }
        return name;
    }

    private static StoredObject object(JsonParser json) throws IOException {
        String key = null;
        Long size = null;
        String eTag = null;
        String versionId = null;
        String sequencer = null;
        for (String field = firstField(json); field != null; field = nextField(json)) {
            switch (field) {
                case "key" -> key = text(json);
                case "size" -> size = size(json);
                case "eTag", "etag" -> eTag = text(json);
                case "versionId", "version-id" -> versionId = text(json);
                case "sequencer" -> sequencer = text(json);
                default -> json.skipChildren();
            }
        }
        return new StoredObject(key, size, eTag, versionId, sequencer);
    }

    /** Moves to the first value of an object. Any other value is skipped, as an object without fields. */
    private static @Nullable String firstField(JsonParser json) throws IOException {
        if (json.currentToken() == JsonToken.START_OBJECT) {
            return nextField(json);
        }
        json.skipChildren();
        return null;
    }

    private static @Nullable String nextField(JsonParser json) throws IOException {
        String field = json.nextFieldName();
        if (field != null) {
            json.nextToken();
        }
        return field;
    }

    private static @Nullable String text(JsonParser json) throws IOException {
        if (json.currentToken() == JsonToken.VALUE_STRING) {
            return json.getText();
        }
        json.skipChildren();
        return null;
    }

    private static @Nullable Long size(JsonParser json) throws IOException {
        if (json.currentToken() == JsonToken.VALUE_NUMBER_INT
                && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER
                && json.getLongValue() >= 0) {
            return json.getLongValue();
        }
        json.skipChildren();
        return null;
    }
}
