package io.datastream.imaging.reconcile;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One version of an object, as an inventory or a listing has it.
 *
 * @param objectKey the decoded key, not empty
 * @param versionId null, or the text {@code null}, for an object that was stored without versioning
 * @param isDeleteMarker whether it is a deletion and no object
 * @param size bytes, 0 or more
 * @param lastModified when the object was stored; for a multipart upload, when the upload began
 * @param eTag without quotes; null where the row has none
 */
public record InventoryRow(
        String objectKey,
        @Nullable String versionId,
        boolean isDeleteMarker,
        long size,
        Instant lastModified,
        @Nullable String eTag) {

    public InventoryRow {
        if (objectKey.isEmpty() || size < 0) {
            throw new IllegalArgumentException("a row has a key and a size");
        }
    }

    /** Masked: an object key is health data and must not reach a log by accident. */
    @Override
    public String toString() {
        return "InventoryRow[masked]";
    }
}
