package io.datastream.imaging.metadata;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The record of one upload; a pure function of its event.
 *
 * @param key the upload
 * @param bucketName the bucket
 * @param fileSize bytes, 0 or more
 * @param uploadTimestamp the event's time
 * @param patientId from the file name, not empty
 * @param eTag without quotes; null where the event has none
 * @param versionId as in the event; null where it has none
 * @param sequencer as in the event; null where it has none
 */
public record ImageMetadata(
        RecordKey key,
        String bucketName,
        long fileSize,
        Instant uploadTimestamp,
        String patientId,
        @Nullable String eTag,
        @Nullable String versionId,
        @Nullable String sequencer) {

    public ImageMetadata {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(uploadTimestamp, "uploadTimestamp");
        if (bucketName.isEmpty() || patientId.isEmpty() || fileSize < 0) {
            throw new IllegalArgumentException("a record has a bucket, a patient ID and a size");
        }
    }

    /** Masked: file key and patient ID are health data and must not reach a log by accident. */
    @Override
    public String toString() {
        return "ImageMetadata[masked]";
    }
}
