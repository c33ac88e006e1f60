package io.datastream.imaging.notification;

import static io.datastream.imaging.notification.NotificationEvent.ignored;
import static io.datastream.imaging.notification.NotificationEvent.rejected;

import java.nio.charset.CharacterCodingException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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
        Envelope envelope = body == null ? null : Envelope.read(body);
        if (envelope != null && "Notification".equals(envelope.type)) {
            envelope = envelope.message;
        }
        return envelope == null ? List.of(rejected(RejectionReason.NOT_JSON)) : events(envelope);
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
        return created(event, event.time, true);
    }

    private static NotificationEvent eventBridgeEvent(String detailType, @Nullable String time, Envelope.Event detail) {
        if (!isMajorVersion(EVENT_BRIDGE_MAJOR_VERSION, detail.version)) {
            return rejected(RejectionReason.FOREIGN_VERSION);
        }
        return detailType.equals("Object Created") ? created(detail, time, false) : ignored();
    }

    private static boolean isMajorVersion(String major, @Nullable String version) {
        return version == null || version.equals(major) || version.startsWith(major + ".");
    }

    private static NotificationEvent created(Envelope.Event event, @Nullable String time, boolean keyIsEncoded) {
        if (event.bucketName == null || event.bucketName.isEmpty()) {
            return rejected(RejectionReason.NO_BUCKET);
        }
        if (event.key == null || event.key.isEmpty()) {
            return rejected(RejectionReason.NO_KEY);
        }
        if (event.size == null) {
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
        String key;
        try {
            key = keyIsEncoded ? ObjectKey.decode(event.key) : ObjectKey.verified(event.key);
        } catch (CharacterCodingException broken) {
            return rejected(RejectionReason.UNDECODABLE_KEY);
        }
        if (ObjectKey.isTooLong(key)) {
            return rejected(RejectionReason.KEY_TOO_LONG);
        }
        ObjectCreated created = new ObjectCreated(
                event.bucketName, key, event.size, eventTime, event.eTag, event.versionId, event.sequencer);
        return created.isFolderMarker() ? ignored() : created;
    }
}
