package io.datastream.imaging.reconcile;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;

/**
 * Where the manifest of one inventory is.
 *
 * @param bucketName the inventory bucket
 * @param prefix all of the manifest's key up to its name, with a slash at the end
 * @param scanTime when S3 began to list the objects, to the minute: the name of the folder
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html">Inventory files</a>
 */
public record InventoryFolder(String bucketName, String prefix, Instant scanTime) {

    static final String CHECKSUM = "manifest.checksum";
    private static final String MANIFEST = "manifest.json";
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH-mm'Z'", Locale.ROOT);

    /**
     * Reads the folder from a key.
     *
     * @param key of {@code manifest.json}, {@code manifest.checksum}, or anything else in the folder
     * @throws RefusedInventoryException if the folder's name is no time
     */
    public static InventoryFolder of(String bucketName, String key) {
        String prefix = key.substring(0, key.lastIndexOf('/') + 1);
        try {
            return new InventoryFolder(
                    bucketName, prefix, LocalDateTime.parse(name(prefix), TIME).toInstant(ZoneOffset.UTC));
        } catch (DateTimeParseException notATime) {
            throw new RefusedInventoryException(RefusalReason.NO_SCAN_TIME, "", notATime);
        }
    }

    /** The folder's name, for example {@code 2026-11-27T01-00Z}. */
    public String name() {
        return name(prefix);
    }

    public String manifestKey() {
        return prefix + MANIFEST;
    }

    String checksumKey() {
        return prefix + CHECKSUM;
    }

    private static String name(String prefix) {
        String path = prefix.isEmpty() ? "" : prefix.substring(0, prefix.length() - 1);
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
