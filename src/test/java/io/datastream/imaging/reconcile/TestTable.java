package io.datastream.imaging.reconcile;

import io.datastream.imaging.metadata.ImageMetadataTable;
import io.datastream.imaging.metadata.RecordKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemResponse;

/** A table in memory that can answer as DynamoDB does on a bad day. */
final class TestTable implements DynamoDbClient {

    static final String NAME = "ImageMetadata";

    final Map<RecordKey, Map<String, AttributeValue>> items = new ConcurrentHashMap<>();
    final AtomicInteger lookups = new AtomicInteger();
    final AtomicInteger puts = new AtomicInteger();

    /** Called with the number of the lookup, from 1; may throw, or wait. */
    volatile Consumer<Integer> beforeLookup = number -> {};

    /** Called with the number of the call, from 1; may throw. */
    volatile Consumer<Integer> beforePut = number -> {};

    /** Called with the number of the call, after the item was written: what it throws is a lost answer. */
    volatile Consumer<Integer> afterPut = number -> {};

    /** How many of a call's keys are processed, the first ones. */
    volatile IntUnaryOperator processed = keys -> keys;

    @Override
    public BatchGetItemResponse batchGetItem(BatchGetItemRequest request) {
        beforeLookup.accept(lookups.incrementAndGet());
        KeysAndAttributes asked = request.requestItems().get(NAME);
        if (asked == null || asked.keys().isEmpty() || asked.keys().size() > 100) {
            throw error("ValidationException", 400);
        }
        if (asked.keys().stream().map(ImageMetadataTable::key).distinct().count()
                < asked.keys().size()) {
            throw error("ValidationException", 400);
        }
        List<Map<String, AttributeValue>> keys =
                asked.keys().subList(0, processed.applyAsInt(asked.keys().size()));
        Set<String> projection = Set.of(asked.projectionExpression().split(", "));
        List<Map<String, AttributeValue>> found = new ArrayList<>();
        for (Map<String, AttributeValue> key : keys) {
            Map<String, AttributeValue> item = items.get(ImageMetadataTable.key(key));
            if (item != null) {
                found.add(projected(item, projection));
            }
        }
        List<Map<String, AttributeValue>> unprocessed =
                asked.keys().subList(keys.size(), asked.keys().size());
        return BatchGetItemResponse.builder()
                .responses(Map.of(NAME, found))
                .unprocessedKeys(
                        unprocessed.isEmpty()
                                ? Map.of()
                                : Map.of(
                                        NAME,
                                        asked.toBuilder().keys(unprocessed).build()))
                .build();
    }

    private static Map<String, AttributeValue> projected(Map<String, AttributeValue> item, Set<String> attributes) {
        Map<String, AttributeValue> projected = new HashMap<>(item);
        projected.keySet().retainAll(attributes);
        return projected;
    }

    @Override
    public PutItemResponse putItem(PutItemRequest request) {
        int number = puts.incrementAndGet();
        beforePut.accept(number);
        if (!"attribute_not_exists(fileKey)".equals(request.conditionExpression())) {
            throw new AssertionError("a repair must not replace an item");
        }
        if (items.putIfAbsent(ImageMetadataTable.key(request.item()), request.item()) != null) {
            throw ConditionalCheckFailedException.builder().statusCode(400).build();
        }
        afterPut.accept(number);
        return PutItemResponse.builder().build();
    }

    /** What a notification's message does: it replaces whatever is there. */
    void record(Map<String, AttributeValue> item) {
        items.put(ImageMetadataTable.key(item), item);
    }

    static DynamoDbException error(String code, int statusCode) {
        return (DynamoDbException) DynamoDbException.builder()
                .statusCode(statusCode)
                .awsErrorDetails(software.amazon.awssdk.awscore.exception.AwsErrorDetails.builder()
                        .errorCode(code)
                        .build())
                .build();
    }

    static SdkClientException lostAnswer() {
        return SdkClientException.create("the connection was closed");
    }

    /** Waits until it is interrupted. */
    static void hang() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            throw SdkClientException.create("interrupted", e);
        }
    }

    @Override
    public String serviceName() {
        return SERVICE_NAME;
    }

    @Override
    public void close() {}
}
