package io.datastream.imaging.ingest;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.PatientIdPattern;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClientBuilder;

/**
 * The Lambda function. It answers with the messages that failed, and never throws for what a message holds or what
 * DynamoDB answers: a thrown error would fail the whole batch.
 *
 * <p>Environment: {@value #TABLE_NAME}, the table; {@value #PATIENT_ID_PATTERN}, see {@link PatientIdPattern} (its
 * default if absent).
 */
public final class IngestHandler implements RequestHandler<SQSEvent, SQSBatchResponse> {

    static final String TABLE_NAME = "TABLE_NAME";
    static final String PATIENT_ID_PATTERN = "PATIENT_ID_PATTERN";

    /** Answering takes milliseconds; a paused JVM may take a few more. */
    private static final Duration SAFETY_MARGIN = Duration.ofMillis(500);

    private static final Duration FIRST_BACKOFF = Duration.ofMillis(50);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(2);

    private static final ThreadFactory THREADS =
            Thread.ofPlatform().daemon().name("batch-write-", 1).factory();

    private final MessageReader reader;
    private final BatchWriter writer;
    private final Telemetry telemetry;
    private final InstantSource clock;

    /** Held here because Lambda's runtime does not hold it. */
    @SuppressWarnings("unused")
    private @Nullable SnapshotPriming priming;

    /**
     * For Lambda: configured by the process's environment.
     *
     * @throws IllegalArgumentException if the environment lacks the table or its pattern is wrong; the function does
     *     not start
     */
    public IngestHandler() {
        this(System.getenv(), clientBuilder(httpClient()).build());
        priming = SnapshotPriming.register();
    }

    /**
     * For whoever brings a client: tests and benchmarks.
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
                        Executors.newFixedThreadPool(BatchWriter.MAXIMUM_HELPERS, THREADS),
                        // Secure, because the clones of a snapshot must not all back off alike.
                        new Backoff(FIRST_BACKOFF, LONGEST_BACKOFF, new SecureRandom()),
                        InstantSource.system(),
                        Thread::sleep),
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

    SQSBatchResponse handle(SQSEvent event, Duration timeLeft, String functionName, Consumer<String> log) {
        Instant deadline = clock.instant().plus(timeLeft).minus(SAFETY_MARGIN);
        List<SQSEvent.SQSMessage> messages = event.getRecords();
        Batch batch = Batch.of(messages == null ? List.of() : messages, reader);
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
            throw new IllegalArgumentException("environment variable " + TABLE_NAME + " names no table");
        }
        return tableName;
    }

    private static SdkHttpClient httpClient() {
        return UrlConnectionHttpClient.builder()
                .connectionTimeout(BatchWriteCall.LONGEST_WAIT)
                .socketTimeout(BatchWriteCall.LONGEST_WAIT)
                .build();
    }

    /**
     * Endpoint, region and credentials are the SDK's own settings. Its retries are off: the writer retries, who knows
     * the deadline and the unprocessed items.
     */
    static DynamoDbClientBuilder clientBuilder(SdkHttpClient httpClient) {
        return DynamoDbClient.builder()
                .httpClient(httpClient)
                .overrideConfiguration(override -> override.retryStrategy(AwsRetryStrategy.doNotRetry()));
    }
}
