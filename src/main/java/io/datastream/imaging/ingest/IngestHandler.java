package io.datastream.imaging.ingest;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.PatientIdPattern;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClientBuilder;

/**
 * The Lambda function. It responds with the messages that failed. It never throws for the content of a message or for an
 * answer of DynamoDB, as a thrown error would fail the whole batch.
 *
 * <p>Environment: {@value #TABLE_NAME}, the table; {@value #PATIENT_ID_PATTERN}, see {@link PatientIdPattern} (its
 * default if absent).
 */
public final class IngestHandler implements RequestHandler<SQSEvent, SQSBatchResponse> {

    static final String TABLE_NAME = "TABLE_NAME";
    static final String PATIENT_ID_PATTERN = "PATIENT_ID_PATTERN";

    /** For the response, the log and the metrics: milliseconds, and more if the JVM pauses. */
    static final Duration SAFETY_MARGIN = Duration.ofMillis(500);

    private static final Duration FIRST_BACKOFF = Duration.ofMillis(50);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(2);

    /** Starts a virtual thread for each task. */
    static final Executor VIRTUAL_THREADS = Thread.ofVirtual().name("batch-write-", 1)::start;

    private final MessageReader reader;
    private final BatchWriter writer;
    private final Telemetry telemetry;
    private final InstantSource clock;

    /** A strong reference, as the runtime's hook registry keeps only a weak one. */
    @SuppressWarnings("unused")
    private @Nullable SnapshotPriming priming;

    /**
     * For Lambda: configured by the environment of the process.
     *
     * @throws IllegalArgumentException if the environment lacks the table or its pattern is wrong; the function does
     *     not start
     */
    public IngestHandler() {
        this(System.getenv(), clientBuilder(httpClient()).build());
        priming = SnapshotPriming.register();
    }

    /**
     * For tests and benchmarks, which have a client of their own.
     *
     * @param environment the function's environment variables
     * @param client with its own retries off
     * @throws IllegalArgumentException if the environment lacks the table or its pattern is wrong
     */
    public IngestHandler(Map<String, String> environment, DynamoDbClient client) {
        this(
                new MessageReader(patientIdPattern(environment)),
                new BatchWriter(
                        client,
                        tableName(environment),
                        VIRTUAL_THREADS,
                        // Functions restored from the same snapshot must not draw the same delays.
                        new Backoff(FIRST_BACKOFF, LONGEST_BACKOFF, new SecureRandom()),
                        InstantSource.system(),
                        Waiting.REAL),
                InstantSource.system());
    }

    IngestHandler(MessageReader reader, BatchWriter writer, InstantSource clock) {
        this.reader = reader;
        this.writer = writer;
        this.telemetry = new Telemetry(clock);
        this.clock = clock;
    }

    @Override
    public SQSBatchResponse handleRequest(SQSEvent event, Context context) {
        Duration timeLeft = Duration.ofMillis(context.getRemainingTimeInMillis());
        LambdaLogger logger = context.getLogger();
        return handle(event, timeLeft, context.getFunctionName(), line -> logger.log(line + "\n"));
    }

    SQSBatchResponse handle(@Nullable SQSEvent event, Duration timeLeft, String functionName, Consumer<String> log) {
        Instant deadline = clock.instant().plus(timeLeft).minus(SAFETY_MARGIN);
        List<SQSMessage> messages = event == null || event.getRecords() == null ? List.of() : event.getRecords();
        Batch batch = Batch.of(messages, reader, () -> !clock.instant().isBefore(deadline));
        WriteResult result = writer.write(batch.records(), deadline);
        telemetry.report(batch, result, functionName, log);
        return batch.response(result.unwritten().keySet());
    }

    private static PatientIdPattern patientIdPattern(Map<String, String> environment) {
        try {
            return PatientIdPattern.compile(environment.getOrDefault(PATIENT_ID_PATTERN, PatientIdPattern.DEFAULT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("environment variable " + PATIENT_ID_PATTERN + ": " + e.getMessage(), e);
        }
    }

    private static String tableName(Map<String, String> environment) {
        String tableName = environment.get(TABLE_NAME);
        if (tableName == null || tableName.isBlank()) {
            throw new IllegalArgumentException(
                    "environment variable " + TABLE_NAME + " is missing: it must be the name of the table");
        }
        return tableName;
    }

    /**
     * The JDK's client keeps five idle connections by default. Each further call of an invocation would need a TLS
     * handshake, in every invocation.
     */
    private static SdkHttpClient httpClient() {
        System.setProperty("http.maxConnections", Integer.toString(BatchWriter.MAXIMUM_PARALLEL_CALLS));
        return UrlConnectionHttpClient.create();
    }

    /**
     * Endpoint, region and credentials are the SDK's own settings. The SDK's retries are off: the writer retries, as only
     * it has the deadline and the unprocessed items.
     */
    static DynamoDbClientBuilder clientBuilder(SdkHttpClient httpClient) {
        return DynamoDbClient.builder()
                .httpClient(httpClient)
                .overrideConfiguration(override -> override.retryStrategy(AwsRetryStrategy.doNotRetry()));
    }
}
