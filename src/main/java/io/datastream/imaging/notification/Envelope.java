package io.datastream.imaging.notification;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
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

    /** The fields that somebody asks for. */
    private enum Field {
        RECORDS("Records"),
        EVENT("Event"),
        TYPE("Type"),
        MESSAGE("Message"),
        SOURCE("source"),
        DETAIL_TYPE("detail-type"),
        TIME("time"),
        DETAIL("detail"),
        EVENT_VERSION("eventVersion"),
        EVENT_NAME("eventName"),
        EVENT_TIME("eventTime"),
        S3("s3"),
        BUCKET("bucket"),
        NAME("name"),
        OBJECT("object"),
        KEY("key"),
        SIZE("size"),
        E_TAG("eTag"),
        VERSION_ID("versionId"),
        SEQUENCER("sequencer"),
        DETAIL_VERSION("event-version"),
        DETAIL_E_TAG("etag"),
        DETAIL_VERSION_ID("version-id"),
        UNKNOWN("");

        private static final FieldNames<Field> NAMES = new FieldNames<>(
                Arrays.stream(values()).collect(Collectors.toMap(field -> field.name, Function.identity())), UNKNOWN);

        private final String name;

        Field(String name) {
            this.name = name;
        }
    }

    /** S3 event: its events. */
    @Nullable
    List<Event> records;

    /** S3 test event: {@code s3:TestEvent}. */
    @Nullable
    String testEvent;

    /** SNS: the kind of message. */
    @Nullable
    String type;

    /** SNS: the notification inside; null also if that is not JSON. */
    @Nullable
    Envelope message;

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
     * @return the envelope, without any field if the value is no object; null if the text is not one JSON value
     */
    static @Nullable Envelope read(String json) {
        try {
            // Half a surrogate pair has no bytes and becomes a question mark, but SQS and SNS let none in.
            JsonReader reader = new JsonReader(json.getBytes(UTF_8));
            Envelope envelope = new Envelope();
            envelope.readFields(reader);
            return reader.isAtEnd() ? envelope : null;
        } catch (NotJsonException notJson) {
            return null;
        }
    }

    private void readFields(JsonReader json) throws NotJsonException {
        if (!json.enterObject()) {
            return;
        }
        while (json.nextField()) {
            switch (json.field(Field.NAMES)) {
                case RECORDS -> records = records(json);
                case EVENT -> testEvent = json.text();
                case TYPE -> type = json.text();
                case MESSAGE -> message = message(json);
                case SOURCE -> source = json.text();
                case DETAIL_TYPE -> detailType = json.text();
                case TIME -> time = json.text();
                case DETAIL -> detail = detail(json);
                default -> json.skip();
            }
        }
    }

    /** What S3 sends has no escapes but those of SNS for its quotes, and is read in place; all else is unescaped first. */
    private static @Nullable Envelope message(JsonReader json) throws NotJsonException {
        JsonReader embedded = json.embedded();
        if (embedded != null) {
            try {
                Envelope envelope = new Envelope();
                envelope.readFields(embedded);
                if (json.skipEmbedded(embedded)) {
                    return envelope;
                }
            } catch (NotJsonException perhapsEscapedOtherwise) {
                // The string is read again below.
            }
        }
        String message = json.text();
        return message == null ? null : read(message);
    }

    private static @Nullable List<Event> records(JsonReader json) throws NotJsonException {
        if (!json.enterArray()) {
            return null;
        }
        List<Event> events = new ArrayList<>(1);
        while (json.nextElement()) {
            events.add(record(json));
        }
        return events;
    }

    private static Event record(JsonReader json) throws NotJsonException {
        Event event = new Event();
        if (!json.enterObject()) {
            return event;
        }
        while (json.nextField()) {
            switch (json.field(Field.NAMES)) {
                case EVENT_VERSION -> event.version = json.text();
                case EVENT_NAME -> event.name = json.text();
                case EVENT_TIME -> event.time = json.text();
                case S3 -> readBucketAndObject(json, event);
                default -> json.skip();
            }
        }
        return event;
    }

    private static Event detail(JsonReader json) throws NotJsonException {
        Event event = new Event();
        readBucketAndObject(json, event);
        return event;
    }

    private static void readBucketAndObject(JsonReader json, Event event) throws NotJsonException {
        if (!json.enterObject()) {
            return;
        }
        while (json.nextField()) {
            switch (json.field(Field.NAMES)) {
                case BUCKET -> readBucket(json, event);
                case OBJECT -> readObject(json, event);
                case DETAIL_VERSION -> event.version = json.text();
                default -> json.skip();
            }
        }
    }

    private static void readBucket(JsonReader json, Event event) throws NotJsonException {
        if (!json.enterObject()) {
            return;
        }
        while (json.nextField()) {
            switch (json.field(Field.NAMES)) {
                case NAME -> event.bucketName = json.text();
                default -> json.skip();
            }
        }
    }

    private static void readObject(JsonReader json, Event event) throws NotJsonException {
        if (!json.enterObject()) {
            return;
        }
        while (json.nextField()) {
            switch (json.field(Field.NAMES)) {
                case KEY -> event.key = json.text();
                case SIZE -> event.size = json.wholeNumber();
                case E_TAG, DETAIL_E_TAG -> event.eTag = json.text();
                case VERSION_ID, DETAIL_VERSION_ID -> event.versionId = json.text();
                case SEQUENCER -> event.sequencer = json.text();
                default -> json.skip();
            }
        }
    }
}
