package io.datastream.imaging.simulation;

import io.datastream.imaging.metadata.ImageMetadataTable;
import io.datastream.imaging.metadata.RecordKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemResponse;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/** DynamoDB with one table. What a call writes, it writes later than the call is sent, and item by item. */
final class SimulatedTable {

    static final String NAME = "ImageMetadata";

    private static final int MOST_ITEMS = 25;

    /** A read that is not consistent may miss what was written so long ago. */
    private static final long STALE = SimulatedTime.millis(500);

    final Map<RecordKey, Map<String, AttributeValue>> items = new HashMap<>();
    private final Map<RecordKey, Long> written = new HashMap<>();
    private final Simulation simulation;
    private final SimulatedTime time;
    private final SplittableRandom random;

    SimulatedTable(Simulation simulation, SimulatedTime time, SplittableRandom random) {
        this.simulation = simulation;
        this.time = time;
        this.random = random;
    }

    /** A client in a process. */
    DynamoDbClient client(SimulatedProcess process) {
        return new DynamoDbClient() {
            @Override
            public BatchWriteItemResponse batchWriteItem(BatchWriteItemRequest request) {
                try {
                    return answer(process, request.requestItems().get(NAME));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw AbortedException.create("interrupted");
                }
            }

            @Override
            public String serviceName() {
                return "dynamodb";
            }

            @Override
            public void close() {}
        };
    }

    private BatchWriteItemResponse answer(SimulatedProcess process, List<WriteRequest> requests)
            throws InterruptedException {
        Invocation invocation = simulation.callStarts(process);
        if (!isValid(requests)) {
            simulation.violated(Check.CALLS_ARE_VALID, "a call of " + requests.size() + " items, or a key twice");
            throw error(400, "ValidationException");
        }
        @Nullable Fault fault = simulation.faultOfCall(invocation);
        if (fault == null) {
            return accept(process, invocation, requests, requests.size());
        }
        return switch (fault) {
            case THROTTLED -> {
                process.sleep(latency(), true);
                throw error(400, "ThrottlingException");
            }
            case UNPROCESSED_ITEMS -> accept(process, invocation, requests, random.nextInt(requests.size()));
            case SERVER_ERROR -> {
                if (requests.stream().noneMatch(SimulatedTable::isRefused)) {
                    write(requests.subList(0, random.nextInt(requests.size())), latency());
                }
                process.sleep(latency(), true);
                throw error(500, "InternalServerError");
            }
            case REQUEST_LOST -> {
                process.sleep(latency(), true);
                throw SdkClientException.create("connection reset");
            }
            case ANSWER_LOST -> {
                write(requests, latency());
                process.sleep(latency(), true);
                throw SdkClientException.create("connection reset");
            }
            case WRITTEN_LATE -> {
                write(requests, SimulatedTime.millis(random.nextLong(60_000)));
                process.sleep(latency(), true);
                throw SdkClientException.create("connection reset");
            }
            case HANGS_BEFORE_SENDING -> {
                process.hang();
                throw SdkClientException.create("never");
            }
            case HANGS_IN_LOOKUP -> {
                process.sleep(SimulatedTime.millis(random.nextLong(20_000)), false);
                throw SdkClientException.create("unknown host");
            }
            case HANGS_AFTER_WRITING -> {
                write(requests, latency());
                process.hang();
                throw SdkClientException.create("never");
            }
            case SLOW -> {
                process.sleep(SimulatedTime.millis(random.nextLong(4_000)), true);
                yield accept(process, invocation, requests, requests.size());
            }
            case ACCESS_DENIED -> {
                process.sleep(latency(), true);
                throw error(400, "AccessDeniedException");
            }
            case CRASH_AT_WRITE -> {
                write(requests, latency());
                time.after(random.nextLong(2 * latency()), () -> simulation.crash(process));
                process.hang();
                throw SdkClientException.create("never");
            }
            default -> throw new IllegalStateException(fault + " is no fault of a call");
        };
    }

    /** Writes the first items and returns the others as unprocessed. */
    private BatchWriteItemResponse accept(
            SimulatedProcess process, Invocation invocation, List<WriteRequest> requests, int processed)
            throws InterruptedException {
        if (requests.stream().anyMatch(SimulatedTable::isRefused)) {
            process.sleep(latency(), true);
            throw error(400, "ValidationException");
        }
        long arrives = latency();
        write(requests.subList(0, processed), arrives);
        process.sleep(arrives + latency(), true);
        requests.subList(0, processed).forEach(request -> invocation.confirmed.add(key(request)));
        return BatchWriteItemResponse.builder()
                .unprocessedItems(
                        processed == requests.size()
                                ? Map.of()
                                : Map.of(NAME, requests.subList(processed, requests.size())))
                .build();
    }

    /** What was sent arrives, whatever becomes of the sender; an item a little later than the one before. */
    private void write(List<WriteRequest> requests, long after) {
        if (requests.isEmpty() || requests.stream().anyMatch(SimulatedTable::isRefused)) {
            return;
        }
        List<WriteRequest> sent = new ArrayList<>(requests);
        int first = random.nextInt(sent.size() + 1);
        time.after(after - after / 8, () -> put(sent.subList(0, first)));
        time.after(after, () -> put(sent.subList(first, sent.size())));
    }

    private void put(List<WriteRequest> requests) {
        for (WriteRequest request : requests) {
            put(key(request), request.putRequest().item());
        }
    }

    private void put(RecordKey key, Map<String, AttributeValue> item) {
        items.put(key, item);
        written.putIfAbsent(key, time.now());
    }

    /** The client of the reconciling function: BatchGetItem, and PutItem with or without its condition. */
    DynamoDbClient reconcileClient(SimulatedProcess process) {
        return new DynamoDbClient() {
            @Override
            public BatchGetItemResponse batchGetItem(BatchGetItemRequest request) {
                Fault fault = maybeFail(process, () -> {});
                KeysAndAttributes wanted = request.requestItems().get(NAME);
                List<Map<String, AttributeValue>> keys = wanted.keys();
                int processed = fault == Fault.UNPROCESSED_ITEMS ? random.nextInt(keys.size()) : keys.size();
                List<Map<String, AttributeValue>> found = new ArrayList<>();
                for (Map<String, AttributeValue> keyAttributes : keys.subList(0, processed)) {
                    RecordKey key = ImageMetadataTable.key(keyAttributes);
                    boolean stale = !Boolean.TRUE.equals(wanted.consistentRead())
                            && time.now() - written.getOrDefault(key, 0L) < random.nextLong(STALE);
                    if (items.containsKey(key) && !stale) {
                        found.add(items.get(key));
                    }
                }
                process.waits(latency());
                KeysAndAttributes rest = wanted.toBuilder()
                        .keys(keys.subList(processed, keys.size()))
                        .build();
                return BatchGetItemResponse.builder()
                        .responses(Map.of(NAME, found))
                        .unprocessedKeys(processed == keys.size() ? Map.of() : Map.of(NAME, rest))
                        .build();
            }

            @Override
            public PutItemResponse putItem(PutItemRequest request) {
                RecordKey key = ImageMetadataTable.key(request.item());
                boolean[] refused = new boolean[1];
                Runnable write = () -> {
                    refused[0] = request.conditionExpression() != null && items.containsKey(key);
                    if (!refused[0]) {
                        put(key, request.item());
                        simulation.repaired(
                                key,
                                request.item().get(ImageMetadataTable.INVENTORY).s());
                    }
                };
                maybeFail(process, write);
                process.waits(latency());
                write.run();
                process.waits(latency());
                if (refused[0]) {
                    throw ConditionalCheckFailedException.builder()
                            .statusCode(400)
                            .message("exists")
                            .build();
                }
                return PutItemResponse.builder().build();
            }

            @Override
            public String serviceName() {
                return "dynamodb";
            }

            @Override
            public void close() {}
        };
    }

    /**
     * Throws if a fault hits the call.
     *
     * @param write for the faults in which the call arrives all the same
     * @return a fault that the answer has to show; null for none
     */
    private @Nullable Fault maybeFail(SimulatedProcess process, Runnable write) {
        Fault fault = process.isDead() ? null : simulation.faultOfCall();
        if (fault == null) {
            process.waits(random.nextInt(4) == 0 ? SimulatedTime.millis(random.nextLong(1_500)) : latency());
            return null;
        }
        simulation.note("a call of the reconciliation: %s", fault);
        process.waits(latency());
        switch (fault) {
            case SLOW -> process.waits(SimulatedTime.millis(random.nextLong(4_000)));
            case UNPROCESSED_ITEMS -> {
                // PutItem has none.
            }
            case THROTTLED -> throw error(400, "ThrottlingException");
            case ACCESS_DENIED -> throw error(400, "AccessDeniedException");
            case SERVER_ERROR, ANSWER_LOST -> {
                write.run();
                throw error(500, "InternalServerError");
            }
            case HANGS_AFTER_WRITING -> {
                write.run();
                process.waits(SimulatedProcess.FOR_EVER);
            }
            case HANGS_BEFORE_SENDING -> process.waits(SimulatedProcess.FOR_EVER);
            case WRITTEN_LATE -> {
                time.after(SimulatedTime.millis(random.nextLong(60_000)), write);
                throw SdkClientException.create("connection reset");
            }
            case HANGS_IN_LOOKUP -> {
                process.waitsUninterruptibly(SimulatedTime.millis(random.nextLong(20_000)));
                throw SdkClientException.create("unknown host");
            }
            case REQUEST_LOST -> throw SdkClientException.create("reset");
            case CRASH_AT_WRITE -> {
                if (random.nextBoolean()) {
                    write.run();
                }
                process.kill();
                throw SdkClientException.create("killed");
            }
            default -> throw new IllegalStateException(fault + " is no fault of a call");
        }
        return fault;
    }

    /** Mostly some milliseconds, sometimes a hundred times more. */
    private long latency() {
        long milliseconds = random.nextInt(20) == 0 ? 1 + random.nextInt(300) : 1 + random.nextInt(10);
        return SimulatedTime.millis(milliseconds) + random.nextInt(1_000_000);
    }

    private static boolean isValid(List<WriteRequest> requests) {
        Set<RecordKey> keys = new HashSet<>();
        requests.forEach(request -> keys.add(key(request)));
        return !requests.isEmpty() && requests.size() <= MOST_ITEMS && keys.size() == requests.size();
    }

    private static boolean isRefused(WriteRequest request) {
        return key(request).fileKey().contains("refused");
    }

    private static RecordKey key(WriteRequest request) {
        return ImageMetadataTable.key(request.putRequest().item());
    }

    static RuntimeException error(int status, String code) {
        return DynamoDbException.builder()
                .statusCode(status)
                .awsErrorDetails(AwsErrorDetails.builder().errorCode(code).build())
                .message(code)
                .build();
    }
}
