package io.datastream.imaging.deadletter;

import io.datastream.imaging.metadata.ImageMetadataTable;
import io.datastream.imaging.metadata.RecordKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;

/** Asks the table which uploads it has a record of. */
public final class RecordLookup {

    /** BatchGetItem's limit. */
    private static final int KEYS_IN_A_CALL = 100;

    private static final BackoffStrategy BACKOFF =
            BackoffStrategy.exponentialDelay(Duration.ofMillis(50), Duration.ofSeconds(5));

    private final DynamoDbClient client;
    private final String tableName;
    private final StopSignal stop;

    /**
     * Makes a lookup.
     *
     * @param client retries whole calls itself
     * @param stop ends the wait for a throttled table
     */
    public RecordLookup(DynamoDbClient client, String tableName, StopSignal stop) {
        this.client = client;
        this.tableName = tableName;
        this.stop = stop;
    }

    /**
     * Looks up records, strongly consistent.
     *
     * @return those of the keys that have a record
     * @throws StoppedException if the run is stopped before the table has answered for all
     */
    public Set<RecordKey> recorded(Collection<RecordKey> keys) {
        Set<RecordKey> recorded = new HashSet<>();
        List<Map<String, AttributeValue>> waiting = new ArrayList<>(
                keys.stream().map(ImageMetadataTable::keyAttributes).toList());
        int attempt = 0;
        while (!waiting.isEmpty()) {
            List<Map<String, AttributeValue>> call = waiting.subList(0, Math.min(KEYS_IN_A_CALL, waiting.size()));
            BatchGetItemResponse response = client.batchGetItem(request ->
                    request.requestItems(Map.of(tableName, onlyKeys(call).build())));
            call.clear();
            for (Map<String, AttributeValue> item : response.responses().getOrDefault(tableName, List.of())) {
                recorded.add(ImageMetadataTable.key(item));
            }
            KeysAndAttributes unprocessed = response.unprocessedKeys().get(tableName);
            if (unprocessed == null || unprocessed.keys().isEmpty()) {
                attempt = 0;
            } else {
                waiting.addAll(unprocessed.keys());
                stop.pause(BACKOFF.computeDelay(++attempt));
            }
        }
        return recorded;
    }

    private static KeysAndAttributes.Builder onlyKeys(List<Map<String, AttributeValue>> keys) {
        return KeysAndAttributes.builder()
                .keys(List.copyOf(keys))
                .consistentRead(true)
                .projectionExpression(ImageMetadataTable.FILE_KEY + ", " + ImageMetadataTable.UPLOAD_ID);
    }
}
