package io.datastream.imaging.notification;

import static io.datastream.imaging.notification.NotificationEvent.ignored;
import static io.datastream.imaging.notification.NotificationEvent.rejected;

import java.nio.charset.CharacterCodingException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Recognises the envelope of a message and judges each event inside it. It has no state and is safe for all threads. */
public final class NotificationDecoder {

    private static final String S3_MAJOR_VERSION = "2";
    private static final String EVENT_BRIDGE_MAJOR_VERSION = "1";

    /**
     * Changes of an object that is already stored, which MinIO and RustFS report as {@code ObjectCreated}. Any other
     * suffix, also an unknown one, is an upload: a superfluous record does less harm than a lost upload.
     */
    private static final Set<String> NOT_AN_UPLOAD =
            Set.of("PutTagging", "DeleteTagging", "PutRetention", "PutLegalHold", "PutAcl");

    /**
     * Decodes one message.
     *
     * @param body the message's body; null counts as not JSON
     * @return the events in the message's order, at least one; a message without meaning is one
     *     {@link NotificationEvent.Rejected}
     */
    public List<NotificationEvent> decode(@Nullable String body) {
        Envelope envelope = body == null ? null : Envelope.read(body);
        if (envelope != null && "Notification".equals(envelope.type())) {
            envelope = envelope.message();
        }
        if (envelope == null) {
            return List.of(rejected(RejectionReason.NOT_JSON));
        }
        List<Envelope.Event> records = envelope.records();
        if (records != null && !records.isEmpty()) {
            return records.stream().map(NotificationDecoder::s3Event).toList();
        }
        return List.of(records == null ? otherMessage(envelope) : ignored());
    }

    private static NotificationEvent otherMessage(Envelope envelope) {
        if ("SubscriptionConfirmation".equals(envelope.type())
                || "UnsubscribeConfirmation".equals(envelope.type())
                || "s3:TestEvent".equals(envelope.testEvent())) {
            return ignored();
        }
        // CloudTrail sends its records of S3's calls with the same source, and such a call may be an upload.
        if ("aws.s3".equals(envelope.source())
                && envelope.detailType() != null
                && envelope.detailType().startsWith("Object ")
                && envelope.detail() != null) {
            return eventBridgeEvent(envelope.detailType(), envelope.time(), envelope.detail());
        }
        return rejected(RejectionReason.UNKNOWN_ENVELOPE);
    }

    private static NotificationEvent s3Event(Envelope.Event event) {
        if (!isMajorVersion(S3_MAJOR_VERSION, event.version())) {
            return rejected(RejectionReason.FOREIGN_VERSION);
        }
        if (event.name() == null) {
            return rejected(RejectionReason.UNKNOWN_ENVELOPE);
        }
        String name = event.name().startsWith("s3:") ? event.name().substring("s3:".length()) : event.name();
        if (!name.startsWith("ObjectCreated:") || NOT_AN_UPLOAD.contains(name.substring("ObjectCreated:".length()))) {
            return ignored();
        }
        return created(event.content(), event.time(), true);
    }

    private static NotificationEvent eventBridgeEvent(
            String detailType, @Nullable String time, Envelope.Content detail) {
        if (!isMajorVersion(EVENT_BRIDGE_MAJOR_VERSION, detail.version())) {
            return rejected(RejectionReason.FOREIGN_VERSION);
        }
        return detailType.equals("Object Created") ? created(detail, time, false) : ignored();
    }

    private static boolean isMajorVersion(String major, @Nullable String version) {
        return version == null || version.equals(major) || version.startsWith(major + ".");
    }

    private static NotificationEvent created(
            Envelope.@Nullable Content content, @Nullable String time, boolean keyIsEncoded) {
        if (content == null
                || content.bucketName() == null
                || content.bucketName().isEmpty()) {
            return rejected(RejectionReason.NO_BUCKET);
        }
        Envelope.StoredObject object = content.object();
        if (object == null || object.key() == null || object.key().isEmpty()) {
            return rejected(RejectionReason.NO_KEY);
        }
        if (object.size() == null) {
            return rejected(RejectionReason.NO_SIZE);
        }
        if (time == null) {
            return rejected(RejectionReason.NO_EVENT_TIME);
        }
        try {
            String key = keyIsEncoded ? ObjectKey.decode(object.key()) : object.key();
            if (!ObjectKey.isUnicode(key)) {
                return rejected(RejectionReason.UNDECODABLE_KEY);
            }
            if (ObjectKey.isTooLong(key)) {
                return rejected(RejectionReason.KEY_TOO_LONG);
            }
            Instant eventTime = EventTime.parse(time);
            ObjectCreated created = new ObjectCreated(
                    content.bucketName(),
                    key,
                    object.size(),
                    eventTime,
                    object.eTag(),
                    object.versionId(),
                    object.sequencer());
            return created.isFolderMarker() ? ignored() : created;
        } catch (CharacterCodingException undecodable) {
            return rejected(RejectionReason.UNDECODABLE_KEY);
        } catch (DateTimeException unreadable) {
            return rejected(RejectionReason.NO_EVENT_TIME);
        }
    }
}
