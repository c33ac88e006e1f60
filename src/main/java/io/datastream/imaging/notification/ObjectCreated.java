package io.datastream.imaging.notification;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An object was stored: the content of its event, independent of the envelope.
 *
 * @param bucketName the bucket, not empty
 * @param objectKey the decoded key, not empty
 * @param size bytes, 0 or more
 * @param eventTime when S3 finished the request
 * @param eTag as the event has it, perhaps quoted; null where the event has none
 * @param versionId the version ID, or the text {@code null} that S3 uses while versioning is suspended; null where the
 *     event has none
 * @param sequencer orders events of one key; null where the event has none
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html">Event
 *     message structure</a>
 */
public record ObjectCreated(
        String bucketName,
        String objectKey,
        long size,
        Instant eventTime,
        @Nullable String eTag,
        @Nullable String versionId,
        @Nullable String sequencer)
        implements NotificationEvent {

    /** Takes empty text for absence, as some S3 implementations send it. */
    public ObjectCreated {
        if (bucketName.isEmpty() || objectKey.isEmpty() || size < 0) {
            throw new IllegalArgumentException("an object has a bucket, a key and a size");
        }
        Objects.requireNonNull(eventTime, "eventTime");
        eTag = absentIfEmpty(eTag);
        versionId = absentIfEmpty(versionId);
        sequencer = absentIfEmpty(sequencer);
    }

    private static @Nullable String absentIfEmpty(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }

    /** The console's "create folder" stores such an object: no upload. */
    public boolean isFolderMarker() {
        return size == 0 && objectKey.endsWith("/");
    }
}
