package io.datastream.imaging.reconcile;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Which rows must have a record.
 *
 * @param suffixes of the keys that the bucket's notification is filtered by; empty for all keys
 * @param from earlier rows are not looked at
 * @param until later rows belong to the next run: their messages may still be on the way
 */
public record Scope(List<String> suffixes, Instant from, Instant until) {

    public Scope {
        suffixes = List.copyOf(suffixes);
    }

    /**
     * The scope of an inventory.
     *
     * @param scanTime when S3 began to list
     * @param cutOff how long a message may be on its way, 0 or more
     */
    public static Scope of(List<String> suffixes, Instant scanTime, Duration cutOff) {
        return new Scope(suffixes, Instant.MIN, scanTime.minus(cutOff));
    }

    /** What is known of a row without the table: {@link Finding#RECORDED} for one that must be recorded. */
    Finding of(InventoryRow row) {
        if (row.isDeleteMarker() || row.lastModified().isBefore(from) || !hasSuffix(row.objectKey())) {
            return Finding.OUT_OF_SCOPE;
        }
        if (row.lastModified().isAfter(until)) {
            return Finding.TOO_RECENT;
        }
        return row.versionId() == null || row.versionId().equals("null") ? Finding.UNSUPPORTED : Finding.RECORDED;
    }

    private boolean hasSuffix(String objectKey) {
        for (String suffix : suffixes) {
            if (objectKey.endsWith(suffix)) {
                return true;
            }
        }
        return suffixes.isEmpty();
    }
}
