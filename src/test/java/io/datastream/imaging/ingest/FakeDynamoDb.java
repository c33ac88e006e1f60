package io.datastream.imaging.ingest;

import io.datastream.imaging.metadata.ImageMetadataTable;
import io.datastream.imaging.metadata.RecordKey;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/** A table in memory that answers as it is told, and refuses what DynamoDB refuses. */
final class FakeDynamoDb implements DynamoDbClient {

    static final String TABLE = "ImageMetadata";

    /** How to answer one call: unprocessed requests, or an exception; null to leave the call to the next rule. */
    interface Answer extends Function<List<WriteRequest>, List<WriteRequest>> {}

    final Map<RecordKey, Map<String, AttributeValue>> items = new HashMap<>();
    final List<Integer> callSizes = new CopyOnWriteArrayList<>();
    private final Deque<Answer> answers = new ArrayDeque<>();
    private Answer always = requests -> List.of();

    /** The next calls are answered so, one answer each. */
    synchronized FakeDynamoDb next(Answer... some) {
        answers.addAll(List.of(some));
        return this;
    }

    /** All calls without an answer of their own are answered so. */
    synchronized FakeDynamoDb always(Answer answer) {
        always = answer;
        return this;
    }

    static Answer failing(RuntimeException exception) {
        return requests -> {
            throw exception;
        };
    }

    static Answer failing(int status, String errorCode) {
        return failing(error(status, errorCode));
    }

    static RuntimeException error(int status, String errorCode) {
        return DynamoDbException.builder()
                .statusCode(status)
                .awsErrorDetails(AwsErrorDetails.builder().errorCode(errorCode).build())
                .message(errorCode)
                .build();
    }

    /** The call is taken, but for these many of its items. */
    static Answer leaving(int unprocessed) {
        return requests -> requests.subList(requests.size() - unprocessed, requests.size());
    }

    /** The call goes to another client, outside of the lock: other calls are answered meanwhile. */
    static Answer calling(DynamoDbClient client) {
        return requests -> {
            client.batchWriteItem(request -> request.requestItems(Map.of(TABLE, requests)));
            return List.of();
        };
    }

    /** As DynamoDB: one bad item refuses the whole call. */
    static Answer invalidIf(Function<RecordKey, Boolean> guilty) {
        return requests -> {
            if (requests.stream().anyMatch(request -> guilty.apply(key(request)))) {
                throw error(400, "ValidationException");
            }
            return List.of();
        };
    }

    @Override
    public BatchWriteItemResponse batchWriteItem(BatchWriteItemRequest request) {
        List<WriteRequest> requests = request.requestItems().get(TABLE);
        callSizes.add(requests.size());
        Set<RecordKey> keys = new HashSet<>();
        for (WriteRequest write : requests) {
            if (!keys.add(key(write)) || keys.size() > 25) {
                throw error(400, "ValidationException");
            }
        }
        List<WriteRequest> unprocessed = nextAnswer().apply(requests);
        synchronized (this) {
            for (WriteRequest write : requests) {
                if (!unprocessed.contains(write)) {
                    items.put(key(write), write.putRequest().item());
                }
            }
        }
        return BatchWriteItemResponse.builder()
                .unprocessedItems(unprocessed.isEmpty() ? Map.of() : Map.of(TABLE, unprocessed))
                .build();
    }

    private synchronized Answer nextAnswer() {
        return answers.isEmpty() ? always : answers.removeFirst();
    }

    static RecordKey key(WriteRequest write) {
        return ImageMetadataTable.key(write.putRequest().item());
    }

    @Override
    public String serviceName() {
        return "dynamodb";
    }

    @Override
    public void close() {}
}
