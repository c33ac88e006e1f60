package io.datastream.imaging.load.benchmark;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import io.datastream.imaging.metadata.ImageMetadataTable;
import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.PatientIdPattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.PutRequest;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/**
 * The least that a function can do which writes a batch: Lambda's runtime reads the event, and ready items go out in
 * calls of 25, side by side. The content of the messages is not read: the items are made of the first events, once.
 */
public final class Floor implements RequestHandler<SQSEvent, SQSBatchResponse> {

    private static final int ITEMS_PER_CALL = 25;
    private static final int CALLS_AT_A_TIME = 16;

    private final MessageReader reader = new MessageReader(PatientIdPattern.compile(PatientIdPattern.DEFAULT));
    private final List<WriteRequest> ready = new ArrayList<>();
    private final Semaphore permits = new Semaphore(CALLS_AT_A_TIME);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final DynamoDbClient dynamoDb;

    /** For Lambda's runtime. */
    public Floor() {
        // Read once by the JDK, before the first connection.
        System.setProperty("http.maxConnections", Integer.toString(CALLS_AT_A_TIME));
        dynamoDb = DynamoDbClient.create();
    }

    @Override
    public SQSBatchResponse handleRequest(SQSEvent event, Context context) {
        int size = event.getRecords().size();
        for (int index = ready.size(); index < size; index++) {
            reader.read(event.getRecords().get(index).getBody()).uploads().stream()
                    .map(ImageMetadataTable::item)
                    .forEach(item -> ready.add(put(item)));
        }
        List<Future<?>> calls = new ArrayList<>();
        for (int from = 0; from < size; from += ITEMS_PER_CALL) {
            List<WriteRequest> items = ready.subList(from, Math.min(from + ITEMS_PER_CALL, size));
            permits.acquireUninterruptibly();
            calls.add(threads.submit(() -> {
                try {
                    dynamoDb.batchWriteItem(request -> request.requestItems(Map.of("ImageMetadata", items)));
                } finally {
                    permits.release();
                }
            }));
        }
        for (Future<?> call : calls) {
            try {
                call.get();
            } catch (Exception e) {
                throw new IllegalStateException("the stub accepts every call", e);
            }
        }
        return new SQSBatchResponse(List.of());
    }

    private static WriteRequest put(Map<String, AttributeValue> item) {
        return WriteRequest.builder()
                .putRequest(PutRequest.builder().item(item).build())
                .build();
    }
}
