package io.datastream.imaging.metadata;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The schema of the table of records.
 *
 * <p>Every upload has a key of its own. So writing an item twice, or items in any order, gives the same table.
 * {@code BatchWriteItem} needs that, as it has no conditions.
 */
public final class ImageMetadataTable {

    /** Partition key: the decoded object key. */
    public static final String FILE_KEY = "fileKey";

    /** Sort key: the version ID; without one, the padded sequencer; without both, time and eTag. */
    public static final String UPLOAD_ID = "uploadId";

    public static final String BUCKET_NAME = "bucketName";

    /** Number of bytes. */
    public static final String FILE_SIZE = "fileSize";

    /** The event's time in UTC, {@code yyyy-MM-dd'T'HH:mm:ss.SSS'Z'}. */
    public static final String UPLOAD_TIMESTAMP = "uploadTimestamp";

    public static final String PATIENT_ID = "patientId";
    public static final String E_TAG = "eTag";
    public static final String VERSION_ID = "versionId";
    public static final String SEQUENCER = "sequencer";

    /** {@value #RECONCILE} in an item that was made from an inventory; absent in an item made from a notification. */
    public static final String RECORDED_BY = "recordedBy";

    public static final String RECONCILE = "reconcile";

    /** The inventory that such an item was made from: the timestamp of its folder. Absent where a listing was used. */
    public static final String INVENTORY = "inventory";

    /** Index over {@link #PATIENT_ID} and {@link #UPLOAD_TIMESTAMP}. */
    public static final String PATIENT_UPLOADS_INDEX = "PatientUploads";

    private ImageMetadataTable() {}

    /** The item of a record. A property that is null has no attribute. */
    public static Map<String, AttributeValue> item(ImageMetadata metadata) {
        Map<String, AttributeValue> item = HashMap.newHashMap(9);
        item.put(FILE_KEY, AttributeValue.fromS(metadata.key().fileKey()));
        item.put(UPLOAD_ID, AttributeValue.fromS(metadata.key().uploadId()));
        item.put(BUCKET_NAME, AttributeValue.fromS(metadata.bucketName()));
        item.put(FILE_SIZE, AttributeValue.fromN(Long.toString(metadata.fileSize())));
        item.put(UPLOAD_TIMESTAMP, AttributeValue.fromS(UploadTimestamp.format(metadata.uploadTimestamp())));
        item.put(PATIENT_ID, AttributeValue.fromS(metadata.patientId()));
        putIfPresent(item, E_TAG, metadata.eTag());
        putIfPresent(item, VERSION_ID, metadata.versionId());
        putIfPresent(item, SEQUENCER, metadata.sequencer());
        return item;
    }

    /**
     * The primary key of an item.
     *
     * @param item an item of the table, or its key alone
     * @throws NullPointerException if it lacks the key
     */
    public static RecordKey key(Map<String, AttributeValue> item) {
        return new RecordKey(text(item, FILE_KEY), text(item, UPLOAD_ID));
    }

    /** The attributes of a primary key alone, as DynamoDB needs them to find an item. */
    public static Map<String, AttributeValue> keyAttributes(RecordKey key) {
        return Map.of(FILE_KEY, AttributeValue.fromS(key.fileKey()), UPLOAD_ID, AttributeValue.fromS(key.uploadId()));
    }

    private static String text(Map<String, AttributeValue> item, String attribute) {
        return Objects.requireNonNull(item.get(attribute), attribute).s();
    }

    private static void putIfPresent(Map<String, AttributeValue> item, String attribute, @Nullable String value) {
        if (value != null) {
            item.put(attribute, AttributeValue.fromS(value));
        }
    }
}
