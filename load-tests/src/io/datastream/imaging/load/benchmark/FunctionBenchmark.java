package io.datastream.imaging.load.benchmark;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import io.datastream.imaging.ingest.IngestHandler;
import io.datastream.imaging.metadata.ImageMetadataTable;
import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.PatientIdPattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.PutItemResponse;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/** One operation is one invocation's batch; DynamoDB is answered in memory. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 6, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 1,
        jvmArgs = {"-Xms512m", "-Xmx512m", "-XX:+UseSerialGC"})
public class FunctionBenchmark {

    private static final String TABLE = "ImageMetadata";
    private static final int ITEMS_PER_CALL = 25;

    /** Messages, of one record each. */
    @Param({"1", "10", "100", "1000"})
    public int batch;

    private final Context context = new InvocationContext();
    private DynamoDbClient dynamoDb;
    private SQSEvent event;
    private List<Map<String, AttributeValue>> items;
    private List<List<WriteRequest>> calls;
    private IngestHandler function;
    private UsualWay usualWay;

    @Setup(Level.Trial)
    public void prepare() {
        dynamoDb = DynamoDbInMemory.client();
        event = Messages.event(batch);
        function = new IngestHandler(Map.of("TABLE_NAME", TABLE), dynamoDb);
        usualWay = new UsualWay(dynamoDb);
        MessageReader reader = new MessageReader(PatientIdPattern.compile(PatientIdPattern.DEFAULT));
        items = event.getRecords().stream()
                .flatMap(message -> reader.read(message.getBody()).uploads().stream())
                .map(ImageMetadataTable::item)
                .toList();
        calls = new ArrayList<>();
        for (int from = 0; from < batch; from += ITEMS_PER_CALL) {
            calls.add(items.subList(from, Math.min(from + ITEMS_PER_CALL, batch)).stream()
                    .map(item -> WriteRequest.builder()
                            .putRequest(put -> put.item(item))
                            .build())
                    .toList());
        }
        requireAllWritten(function());
        requireAllWritten(usualWay());
    }

    /** The least: {@code batchWriteItem} of ready-made items, nothing else. */
    @Benchmark
    public List<BatchWriteItemResponse> floor() {
        List<BatchWriteItemResponse> responses = new ArrayList<>(calls.size());
        for (List<WriteRequest> call : calls) {
            responses.add(dynamoDb.batchWriteItem(request -> request.requestItems(Map.of(TABLE, call))));
        }
        return responses;
    }

    /** One {@code putItem} for each ready-made item. */
    @Benchmark
    public List<PutItemResponse> putItems() {
        List<PutItemResponse> responses = new ArrayList<>(items.size());
        for (Map<String, AttributeValue> item : items) {
            responses.add(dynamoDb.putItem(request -> request.tableName(TABLE).item(item)));
        }
        return responses;
    }

    @Benchmark
    public SQSBatchResponse usualWay() {
        return usualWay.handleRequest(event);
    }

    /** This project's function, from the runtime's event object to its answer. */
    @Benchmark
    public SQSBatchResponse function() {
        return function.handleRequest(event, context);
    }

    private static void requireAllWritten(SQSBatchResponse response) {
        if (!response.getBatchItemFailures().isEmpty()) {
            throw new IllegalStateException("a benchmark measures batches without failures");
        }
    }

    @TearDown(Level.Trial)
    public void close() {
        dynamoDb.close();
    }
}
