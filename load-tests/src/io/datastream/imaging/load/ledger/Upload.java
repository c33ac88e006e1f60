package io.datastream.imaging.load.ledger;

import io.datastream.imaging.metadata.RecordKey;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * One upload that S3 has acknowledged.
 *
 * @param objectKey the key, not encoded
 * @param patientId the patient that its record must name; absent for a poison file, of which no record may come
 * @param size bytes
 * @param versionId which upload of the key
 * @param eTag unquoted
 * @param started when the request was sent, by the uploader's clock
 * @param acknowledged when S3's answer was there, by the uploader's clock
 */
public record Upload(
        String objectKey,
        Optional<String> patientId,
        long size,
        String versionId,
        String eTag,
        Instant started,
        Instant acknowledged) {

    public Upload {
        if (objectKey.isEmpty() || versionId.isEmpty() || size < 0) {
            throw new IllegalArgumentException("an upload has a key, a version ID and a size");
        }
        Objects.requireNonNull(eTag, "eTag");
        if (acknowledged.isBefore(started)) {
            throw new IllegalArgumentException("an upload is acknowledged after it was started");
        }
    }

    /** The key of its record. */
    public RecordKey recordKey() {
        return new RecordKey(objectKey, versionId);
    }

    /** Whether the pipeline must reject it. */
    public boolean isPoison() {
        return patientId.isEmpty();
    }
}
