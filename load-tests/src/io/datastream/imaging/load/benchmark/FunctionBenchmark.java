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
import software.amazon.awssdk.services.dynamodb.model.PutRequest;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/**
 * One operation is one invocation's batch; DynamoDB is answered in memory. The batches differ from one invocation to the
 * next, as they do in life: else the ready-made items of the floor would never leave the nearest cache. The SDK's
 * pipeline keeps the optimising compiler busy for a quarter of a minute, so the warm-up is long.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 10, time = 3)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 1,
        jvmArgs = {"-Xms512m", "-Xmx512m", "-XX:+UseSerialGC"})
public class FunctionBenchmark {

    private static final String TABLE = "ImageMetadata";
    private static final int ITEMS_PER_CALL = 25;

    /** In all batches together: 20 MB of messages and 20 MB of items, more than caches hold. */
    private static final int MESSAGES = 10_000;

    /** What each way starts from. */
    private record Input(SQSEvent event, List<Map<String, AttributeValue>> items) {}

    /** Messages, of one record each. */
    @Param({"1", "10", "100", "1000"})
    public int batch;

    private final Context context = new InvocationContext();
    private final List<Input> inputs = new ArrayList<>();
    private int invocation;
    private DynamoDbClient dynamoDb;
    private IngestHandler function;
    private UsualWay usualWay;

    @Setup(Level.Trial)
    public void prepare() {
        dynamoDb = DynamoDbInMemory.client();
        function = new IngestHandler(Map.of("TABLE_NAME", TABLE), dynamoDb);
        usualWay = new UsualWay(dynamoDb);
        MessageReader reader = new MessageReader(PatientIdPattern.compile(PatientIdPattern.DEFAULT));
        for (int first = 0; first < MESSAGES; first += batch) {
            inputs.add(input(Messages.event(first, batch), reader));
        }
        requireAllWritten(function());
        requireAllWritten(usualWay());
    }

    private static Input input(SQSEvent event, MessageReader reader) {
        List<Map<String, AttributeValue>> items = event.getRecords().stream()
                .flatMap(message -> reader.read(message.getBody()).uploads().stream())
                .map(ImageMetadataTable::item)
                .toList();
        return new Input(event, items);
    }

    private Input nextInput() {
        return inputs.get(invocation++ % inputs.size());
    }

    /** The least: {@code batchWriteItem} of ready-made items, 25 a call, nothing else. */
    @Benchmark
    public List<BatchWriteItemResponse> floor() {
        List<BatchWriteItemResponse> responses = new ArrayList<>();
        List<Map<String, AttributeValue>> items = nextInput().items();
        for (int from = 0; from < items.size(); from += ITEMS_PER_CALL) {
            List<WriteRequest> call = new ArrayList<>(ITEMS_PER_CALL);
            for (Map<String, AttributeValue> item :
                    items.subList(from, Math.min(from + ITEMS_PER_CALL, items.size()))) {
                call.add(WriteRequest.builder()
                        .putRequest(PutRequest.builder().item(item).build())
                        .build());
            }
            responses.add(dynamoDb.batchWriteItem(request -> request.requestItems(Map.of(TABLE, call))));
        }
        return responses;
    }

    /** One {@code putItem} for each ready-made item. */
    @Benchmark
    public List<PutItemResponse> putItems() {
        List<PutItemResponse> responses = new ArrayList<>(batch);
        for (Map<String, AttributeValue> item : nextInput().items()) {
            responses.add(dynamoDb.putItem(request -> request.tableName(TABLE).item(item)));
        }
        return responses;
    }

    @Benchmark
    public SQSBatchResponse usualWay() {
        return usualWay.handleRequest(nextInput().event(), context);
    }

    /** This project's function, from the runtime's event object to its answer. */
    @Benchmark
    public SQSBatchResponse function() {
        return function.handleRequest(nextInput().event(), context);
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
