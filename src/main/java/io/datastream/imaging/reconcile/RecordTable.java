package io.datastream.imaging.reconcile;

import io.datastream.imaging.metadata.ImageMetadata;
import io.datastream.imaging.metadata.ImageMetadataTable;
import io.datastream.imaging.metadata.RecordKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;

/** The table as reconciliation uses it. For any number of threads. */
public final class RecordTable {

    /** BatchGetItem's limit. */
    static final int KEYS_IN_A_CALL = 100;

    private static final String PROJECTION = String.join(
            ", ",
            ImageMetadataTable.FILE_KEY,
            ImageMetadataTable.UPLOAD_ID,
            ImageMetadataTable.FILE_SIZE,
            ImageMetadataTable.E_TAG,
            ImageMetadataTable.INVENTORY);

    private static final BackoffStrategy BACKOFF =
            BackoffStrategy.exponentialDelay(Duration.ofMillis(50), Duration.ofSeconds(2));

    /** A minute of throttling, and a deadline is rarely later. */
    private static final int ATTEMPTS = 40;

    /**
     * What the table has of an upload.
     *
     * @param fileSize as text; null if the item lacks it
     * @param eTag null if the item lacks it
     * @param inventory what the item was repaired from; null if it was not
     */
    record Item(@Nullable String fileSize, @Nullable String eTag, @Nullable String inventory) {

        /** Whether size and eTag are the row's. An eTag that one of both lacks is not compared. */
        boolean matches(InventoryRow row) {
            return Long.toString(row.size()).equals(fileSize)
                    && (eTag == null || row.eTag() == null || eTag.equals(row.eTag()));
        }
    }

    private final DynamoDbClient client;
    private final String tableName;
    private final @Nullable String inventory;
    private final long nanosecondsForOne;
    private final Waiting waiting;
    private final AtomicLong nextRepair = new AtomicLong(System.nanoTime());

    /**
     * Makes an access to the table.
     *
     * @param client retries throttled calls and lost answers itself
     * @param inventory the name that repairs carry; null for none
     * @param repairsPerSecond at most, above 0; infinite for no limit
     */
    public RecordTable(
            DynamoDbClient client,
            String tableName,
            @Nullable String inventory,
            double repairsPerSecond,
            Waiting waiting) {
        this.client = client;
        this.tableName = tableName;
        this.inventory = inventory;
        this.nanosecondsForOne = (long) (Duration.ofSeconds(1).toNanos() / repairsPerSecond);
        this.waiting = waiting;
    }

    /** How the clients of reconciliation retry: patiently, for each call apart. */
    public static RetryStrategy retries() {
        return AwsRetryStrategy.standardRetryStrategy().toBuilder()
                .maxAttempts(ATTEMPTS)
                // It counts the failures of all threads together, and would give up a run that only needs time.
                .circuitBreakerEnabled(false)
                .backoffStrategy(BACKOFF)
                .throttlingBackoffStrategy(BACKOFF)
                .build();
    }

    /** Whether an item is a repair from this very inventory: by an earlier delivery of the same message. */
    boolean isOwnRepair(Item item) {
        return inventory != null && inventory.equals(item.inventory());
    }

    /**
     * Looks uploads up. The first read is eventually consistent, at half the price; what it does not find is read again
     * consistently.
     *
     * @param keys 1 to {@value #KEYS_IN_A_CALL}, distinct
     * @return the items of those that are in the table
     */
    Map<RecordKey, Item> find(Collection<RecordKey> keys) throws InterruptedException {
        Map<RecordKey, Item> found = HashMap.newHashMap(keys.size());
        find(keys, false, found);
        List<RecordKey> notFound =
                keys.stream().filter(key -> !found.containsKey(key)).toList();
        if (!notFound.isEmpty()) {
            find(notFound, true, found);
        }
        return found;
    }

    private void find(Collection<RecordKey> keys, boolean consistent, Map<RecordKey, Item> found)
            throws InterruptedException {
        List<Map<String, AttributeValue>> unread = new ArrayList<>(keys.size());
        keys.forEach(key -> unread.add(ImageMetadataTable.keyAttributes(key)));
        for (int attempt = 1; !unread.isEmpty(); attempt++) {
            KeysAndAttributes request = KeysAndAttributes.builder()
                    .keys(unread)
                    .consistentRead(consistent)
                    .projectionExpression(PROJECTION)
                    .build();
            BatchGetItemResponse response = client.batchGetItem(call -> call.requestItems(Map.of(tableName, request)));
            for (Map<String, AttributeValue> item : response.responses().getOrDefault(tableName, List.of())) {
                found.put(
                        ImageMetadataTable.key(item),
                        new Item(
                                number(item.get(ImageMetadataTable.FILE_SIZE)),
                                text(item.get(ImageMetadataTable.E_TAG)),
                                text(item.get(ImageMetadataTable.INVENTORY))));
            }
            unread.clear();
            // The SDK does not retry unprocessed keys.
            KeysAndAttributes unprocessed = response.unprocessedKeys().get(tableName);
            if (unprocessed != null && !unprocessed.keys().isEmpty()) {
                unread.addAll(unprocessed.keys());
                waiting.sleep(BACKOFF.computeDelay(attempt));
            }
        }
    }

    /**
     * Writes the record of an upload if the table has none. It never replaces an item.
     *
     * @return false if DynamoDB refuses this record as invalid
     */
    boolean repair(ImageMetadata metadata) throws InterruptedException {
        long now = System.nanoTime();
        long slot = nextRepair.getAndUpdate(next -> Math.max(next, now) + nanosecondsForOne);
        if (slot - now > 0) {
            waiting.sleep(Duration.ofNanos(slot - now));
        }
        try {
            client.putItem(put -> put.tableName(tableName)
                    .item(item(metadata, inventory))
                    .conditionExpression("attribute_not_exists(" + ImageMetadataTable.FILE_KEY + ")"));
        } catch (ConditionalCheckFailedException recorded) {
            // By a notification in the meantime, or by this call, whose first answer was lost.
        } catch (DynamoDbException failed) {
            if (failed.awsErrorDetails() == null
                    || !"ValidationException".equals(failed.awsErrorDetails().errorCode())) {
                throw failed;
            }
            return false;
        }
        return true;
    }

    /**
     * The item of an upload that S3 never notified.
     *
     * @param metadata made from an inventory's row
     * @param inventory the timestamp of the inventory's folder; null for a listing
     */
    static Map<String, AttributeValue> item(ImageMetadata metadata, @Nullable String inventory) {
        Map<String, AttributeValue> item = ImageMetadataTable.item(metadata);
        item.put(ImageMetadataTable.RECORDED_BY, AttributeValue.fromS(ImageMetadataTable.RECONCILE));
        if (inventory != null) {
            item.put(ImageMetadataTable.INVENTORY, AttributeValue.fromS(inventory));
        }
        return item;
    }

    private static @Nullable String text(@Nullable AttributeValue value) {
        return value == null ? null : value.s();
    }

    private static @Nullable String number(@Nullable AttributeValue value) {
        return value == null ? null : value.n();
    }
}
