package io.datastream.imaging.notification;

import static io.datastream.imaging.notification.NotificationEvent.ignored;
import static io.datastream.imaging.notification.NotificationEvent.rejected;

import java.nio.charset.CharacterCodingException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Recognises the envelope of a message and judges each event inside it. Stateless, for any number of threads. */
public final class NotificationDecoder {

    private static final String S3_MAJOR_VERSION = "2";
    private static final String EVENT_BRIDGE_MAJOR_VERSION = "1";

    /**
     * Decodes one message.
     *
     * @param body the message's body; null counts as not JSON
     * @return the events in the message's order, at least one; a message without meaning is one
     *     {@link NotificationEvent.Rejected}
     */
    public List<NotificationEvent> decode(@Nullable String body) {
        Optional<Envelope> envelope = read(body);
        if (envelope.isPresent() && "Notification".equals(envelope.get().type)) {
            envelope = read(envelope.get().message);
        }
        return envelope.map(NotificationDecoder::events).orElse(List.of(rejected(RejectionReason.NOT_JSON)));
    }

    private static Optional<Envelope> read(@Nullable String json) {
        return json == null ? Optional.empty() : Envelope.read(json);
    }

    private static List<NotificationEvent> events(Envelope envelope) {
        if (envelope.records != null) {
            return s3Events(envelope.records);
        }
        if (isSubscriptionMessage(envelope.type) || "s3:TestEvent".equals(envelope.testEvent)) {
            return List.of(ignored());
        }
        if ("aws.s3".equals(envelope.source) && envelope.detailType != null && envelope.detail != null) {
            return List.of(eventBridgeEvent(envelope.detailType, envelope.time, envelope.detail));
        }
        return List.of(rejected(RejectionReason.UNKNOWN_ENVELOPE));
    }

    private static boolean isSubscriptionMessage(@Nullable String type) {
        return "SubscriptionConfirmation".equals(type) || "UnsubscribeConfirmation".equals(type);
    }

    private static List<NotificationEvent> s3Events(List<Envelope.Event> records) {
        if (records.isEmpty()) {
            return List.of(ignored());
        }
        List<NotificationEvent> events = new ArrayList<>(records.size());
        for (Envelope.Event record : records) {
            events.add(s3Event(record));
        }
        return events;
    }

    private static NotificationEvent s3Event(Envelope.Event event) {
        if (!isMajorVersion(S3_MAJOR_VERSION, event.version)) {
            return rejected(RejectionReason.FOREIGN_VERSION);
        }
        if (event.name == null) {
            return rejected(RejectionReason.UNKNOWN_ENVELOPE);
        }
        if (!event.name.startsWith("ObjectCreated:") && !event.name.startsWith("s3:ObjectCreated:")) {
            return ignored();
        }
        if (event.key == null) {
            return created(event, null, event.time);
        }
        try {
            return created(event, ObjectKey.decode(event.key), event.time);
        } catch (CharacterCodingException broken) {
            return rejected(RejectionReason.UNDECODABLE_KEY);
        }
    }

    private static NotificationEvent eventBridgeEvent(String detailType, @Nullable String time, Envelope.Event detail) {
        if (!isMajorVersion(EVENT_BRIDGE_MAJOR_VERSION, detail.version)) {
            return rejected(RejectionReason.FOREIGN_VERSION);
        }
        return detailType.equals("Object Created") ? created(detail, detail.key, time) : ignored();
    }

    private static boolean isMajorVersion(String major, @Nullable String version) {
        return version == null || version.equals(major) || version.startsWith(major + ".");
    }

    private static NotificationEvent created(Envelope.Event event, @Nullable String key, @Nullable String time) {
        if (event.bucketName == null || event.bucketName.isEmpty()) {
            return rejected(RejectionReason.NO_BUCKET);
        }
        if (key == null || key.isEmpty()) {
            return rejected(RejectionReason.NO_KEY);
        }
        if (event.size == null || event.size < 0) {
            return rejected(RejectionReason.NO_SIZE);
        }
        if (time == null) {
            return rejected(RejectionReason.NO_EVENT_TIME);
        }
        Instant eventTime;
        try {
            eventTime = EventTime.parse(time);
        } catch (DateTimeException unreadable) {
            return rejected(RejectionReason.NO_EVENT_TIME);
        }
        try {
            if (ObjectKey.length(key) > ObjectKey.MAXIMUM_BYTES) {
                return rejected(RejectionReason.KEY_TOO_LONG);
            }
        } catch (CharacterCodingException broken) {
            return rejected(RejectionReason.UNDECODABLE_KEY);
        }
        ObjectCreated created = new ObjectCreated(
                event.bucketName, key, event.size, eventTime, event.eTag, event.versionId, event.sequencer);
        return created.isFolderMarker() ? ignored() : created;
    }
}
