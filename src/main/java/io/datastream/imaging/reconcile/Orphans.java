package io.datastream.imaging.reconcile;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.datastream.imaging.metadata.ImageMetadataTable;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ScanResponse;

/**
 * Counts the records whose object is gone. That is no error: the table records uploads, not objects.
 *
 * <p>It keeps 8 bytes of a hash for each object. Of a hundred million records, it takes one that has no object for one
 * that has with a probability of one in two thousand.
 */
public final class Orphans {

    private final MessageDigest md5;
    private long[] hashes = new long[1_024];
    private int size;

    public Orphans() {
        try {
            md5 = MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JVM has MD5", impossible);
        }
    }

    /** Notes that an object is there. */
    public void add(InventoryRow row) {
        if (row.versionId() != null) {
            if (size == hashes.length) {
                hashes = Arrays.copyOf(hashes, size * 2);
            }
            hashes[size++] = hash(row.objectKey(), row.versionId());
        }
    }

    /**
     * Reads the whole table, which costs half a read unit for 4 kB of it. Records of uploads without a version ID, or
     * later than the scan, are not counted.
     *
     * @param keyPrefix of the records that are compared; null for all
     * @param scanTime when the objects were listed
     * @param cancelled ends it early
     */
    public long count(
            DynamoDbClient dynamoDb,
            String tableName,
            @Nullable String keyPrefix,
            Instant scanTime,
            BooleanSupplier cancelled) {
        Arrays.sort(hashes, 0, size);
        long orphans = 0;
        for (ScanResponse page : dynamoDb.scanPaginator(scan -> scan.tableName(tableName)
                .projectionExpression(String.join(
                        ", ",
                        ImageMetadataTable.FILE_KEY,
                        ImageMetadataTable.UPLOAD_ID,
                        ImageMetadataTable.VERSION_ID,
                        ImageMetadataTable.UPLOAD_TIMESTAMP)))) {
            for (Map<String, AttributeValue> item : page.items()) {
                if (isOrphan(item, keyPrefix == null ? "" : keyPrefix, scanTime)) {
                    orphans++;
                }
            }
            if (cancelled.getAsBoolean()) {
                break;
            }
        }
        return orphans;
    }

    private boolean isOrphan(Map<String, AttributeValue> item, String keyPrefix, Instant scanTime) {
        String key = text(item, ImageMetadataTable.FILE_KEY);
        String versionId = text(item, ImageMetadataTable.VERSION_ID);
        return versionId.equals(text(item, ImageMetadataTable.UPLOAD_ID))
                && key.startsWith(keyPrefix)
                && Instant.parse(text(item, ImageMetadataTable.UPLOAD_TIMESTAMP))
                        .isBefore(scanTime)
                && Arrays.binarySearch(hashes, 0, size, hash(key, versionId)) < 0;
    }

    private static String text(Map<String, AttributeValue> item, String attribute) {
        AttributeValue value = item.get(attribute);
        return value == null ? "" : value.s();
    }

    private long hash(String key, String versionId) {
        return ByteBuffer.wrap(md5.digest((key + "\0" + versionId).getBytes(UTF_8)))
                .getLong();
    }
}
