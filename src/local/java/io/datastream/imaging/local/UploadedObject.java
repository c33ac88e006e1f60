package io.datastream.imaging.local;

import java.time.Instant;
import java.util.Optional;

/**
 * An object that was stored.
 *
 * @param eventName what happened, such as {@code ObjectCreated:Put}
 * @param eTag unquoted
 * @param versionId absent in a bucket without versioning
 * @param size bytes
 * @param sequencer hexadecimal; grows from one upload to the next
 * @param time when it was stored
 */
public record UploadedObject(
        String eventName,
        String bucket,
        String key,
        String eTag,
        Optional<String> versionId,
        long size,
        String sequencer,
        Instant time) {}
