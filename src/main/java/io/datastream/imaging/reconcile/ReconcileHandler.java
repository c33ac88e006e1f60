package io.datastream.imaging.reconcile;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse.BatchItemFailure;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import io.datastream.imaging.metadata.MetadataExtractor;
import io.datastream.imaging.metadata.PatientIdPattern;
import io.datastream.imaging.notification.NotificationDecoder;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * The Lambda function that reconciles inventories. It works through one data file after the other. When its time is
 * nearly up, it sends a message that says where to go on, and acknowledges its own. So there is one message an inventory
 * at a time, and the totals and the maximum of repairs are exact. A message that makes no progress fails.
 *
 * <p>Environment: {@value #TABLE_NAME}; {@value #PATIENT_ID_PATTERN} (its default if absent); {@value #BUCKET_NAME}, the
 * bucket of the uploads; {@value #KEY_SUFFIXES}, of the bucket's notification, with commas between; {@value #MODE},
 * {@code off}, {@code report} or {@code repair}; {@value #MAXIMUM_REPAIRS} of an inventory; {@value #CUT_OFF_SECONDS}, how long a
 * message may be on its way; {@value #QUEUE_URL}, the function's own queue.
 */
public final class ReconcileHandler implements RequestHandler<SQSEvent, SQSBatchResponse> {

    /** For the message that goes on, the response and the log. */
    static final Duration SAFETY_MARGIN = Duration.ofSeconds(3);

    private static final String TABLE_NAME = "TABLE_NAME";
    private static final String PATIENT_ID_PATTERN = "PATIENT_ID_PATTERN";
    private static final String BUCKET_NAME = "BUCKET_NAME";
    private static final String KEY_SUFFIXES = "KEY_SUFFIXES";
    private static final String MODE = "RECONCILE_MODE";
    private static final String MAXIMUM_REPAIRS = "MAXIMUM_REPAIRS";
    private static final String CUT_OFF_SECONDS = "CUT_OFF_SECONDS";
    private static final String QUEUE_URL = "RECONCILE_QUEUE_URL";

    private static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration SEND_TIMEOUT = Duration.ofSeconds(2);

    /** After an error of the table, so that the next step does not meet it at once. */
    private static final int SECONDS_AFTER_ERROR = 60;

    private final DynamoDbClient dynamoDb;
    private final InventoryBucket inventories;
    private final SqsClient sqs;
    private final InstantSource clock;
    private final Waiting waiting;
    private final NotificationDecoder decoder = new NotificationDecoder();
    private final Executor executor = Thread.ofVirtual().name("reconcile-", 1)::start;

    private final MetadataExtractor extractor;
    private final String tableName;
    private final String bucketName;
    private final String queueUrl;
    private final List<String> suffixes;
    private final Duration cutOff;
    private final long maximumRepairs;
    private final boolean repairs;

    /**
     * For Lambda: configured by the environment of the process.
     *
     * @throws IllegalArgumentException if the environment is incomplete or wrong; the function does not start
     */
    public ReconcileHandler() {
        this(
                System.getenv(),
                patient(DynamoDbClient.builder()).build(),
                patient(S3Client.builder()).build(),
                SqsClient.builder()
                        .httpClientBuilder(UrlConnectionHttpClient.builder())
                        .overrideConfiguration(override -> override.apiCallTimeout(SEND_TIMEOUT))
                        .build(),
                InstantSource.system(),
                Thread::sleep);
    }

    /**
     * For tests and benchmarks, which have clients of their own.
     *
     * @param environment the function's environment variables
     * @throws IllegalArgumentException if the environment is incomplete or wrong
     */
    public ReconcileHandler(
            Map<String, String> environment,
            DynamoDbClient dynamoDb,
            S3Client s3,
            SqsClient sqs,
            InstantSource clock,
            Waiting waiting) {
        this.dynamoDb = dynamoDb;
        this.inventories = new InventoryBucket(s3, Path.of(System.getProperty("java.io.tmpdir")));
        this.sqs = sqs;
        this.clock = clock;
        this.waiting = waiting;
        this.extractor = new MetadataExtractor(
                PatientIdPattern.compile(environment.getOrDefault(PATIENT_ID_PATTERN, PatientIdPattern.DEFAULT)));
        this.tableName = required(environment, TABLE_NAME);
        this.bucketName = required(environment, BUCKET_NAME);
        this.queueUrl = required(environment, QUEUE_URL);
        this.suffixes = List.of(required(environment, KEY_SUFFIXES).split(","));
        this.cutOff = Duration.ofSeconds(number(environment, CUT_OFF_SECONDS));
        this.repairs = switch (required(environment, MODE)) {
            case "repair" -> true;
            // With off, no queue feeds the function, but it is started for its snapshot.
            case "report", "off" -> false;
            default ->
                throw new IllegalArgumentException("environment variable " + MODE + " must be off, report or repair");
        };
        this.maximumRepairs = repairs ? number(environment, MAXIMUM_REPAIRS) : 0;
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
        ReconcileTelemetry telemetry = new ReconcileTelemetry(clock, functionName, log);
        List<BatchItemFailure> failures = new ArrayList<>();
        for (SQSMessage message : messages) {
            if (!isDone(message, () -> Duration.between(clock.instant(), deadline), telemetry)) {
                failures.add(new BatchItemFailure(message.getMessageId()));
            }
        }
        return new SQSBatchResponse(failures);
    }

    private boolean isDone(SQSMessage message, Supplier<Duration> timeLeft, ReconcileTelemetry telemetry) {
        String messageId = message.getMessageId();
        try {
            List<ReconcileWork> works = ReconcileWork.read(message.getBody() == null ? "" : message.getBody(), decoder);
            if (works == null) {
                telemetry.error("message-rejected", messageId, "unknown-message");
                return false;
            }
            // S3 sends one event a message; were there more, the message is repeated until all are done.
            boolean done = true;
            for (ReconcileWork work : works) {
                done &= isDone(work, messageId, timeLeft, telemetry);
            }
            return done;
        } catch (RefusedInventoryException refused) {
            telemetry.error("inventory-refused", messageId, String.valueOf(refused.getMessage()));
            return false;
        }
    }

    /** Whether the message need not come again: the inventory is finished, or another message goes on with it. */
    private boolean isDone(
            ReconcileWork work, String messageId, Supplier<Duration> timeLeft, ReconcileTelemetry telemetry) {
        Run run = new Run(work, timeLeft);
        RefusedInventoryException refusal = null;
        String cause = null;
        try {
            cause = run.reconcile();
        } catch (RefusedInventoryException refused) {
            refusal = refused;
        } catch (SdkException | UncheckedIOException failed) {
            cause = failed.getClass().getSimpleName();
        }
        ReconcileWork rest = run.rest();
        boolean finished = cause == null && refusal == null;
        boolean ceilingReached =
                repairs && rest.tally().of(Finding.MISSING) > 0 && rest.tally().of(Finding.REPAIRED) >= maximumRepairs;
        telemetry.totals(rest, finished, ceilingReached);
        if (ceilingReached) {
            telemetry.error(
                    "repair-ceiling-reached",
                    messageId,
                    "more uploads are missing than " + MAXIMUM_REPAIRS
                            + ": find out why, then run java -jar imaging.jar reconcile --stack STACK --repair");
        }
        if (refusal != null) {
            telemetry.error("inventory-refused", messageId, String.valueOf(refusal.getMessage()));
            return false;
        }
        if (cause == null) {
            return true;
        }
        boolean progress = rest.dataFile() > work.dataFile() || rest.row() > work.row();
        if (!cause.equals(Reconciliation.DEADLINE) || !progress) {
            telemetry.error("reconciliation-interrupted", messageId, cause);
        }
        return progress
                && isSent(rest, cause.equals(Reconciliation.DEADLINE) ? 0 : SECONDS_AFTER_ERROR, telemetry, messageId);
    }

    private boolean isSent(ReconcileWork rest, int delaySeconds, ReconcileTelemetry telemetry, String messageId) {
        try {
            sqs.sendMessage(
                    send -> send.queueUrl(queueUrl).messageBody(rest.body()).delaySeconds(delaySeconds));
            return true;
        } catch (SdkException failed) {
            telemetry.error("message-not-sent", messageId, failed.getClass().getSimpleName());
            return false;
        }
    }

    /** One message's share of an inventory. */
    private final class Run {
        private final ReconcileWork work;
        private final Supplier<Duration> timeLeft;
        private final Instant begin = clock.instant();
        private int dataFile;
        private long row;

        Run(ReconcileWork work, Supplier<Duration> timeLeft) {
            this.work = work;
            this.timeLeft = timeLeft;
            this.dataFile = work.dataFile();
            this.row = work.row();
        }

        /** Returns null at the end of the inventory; else what stopped it. */
        @Nullable
        String reconcile() {
            InventoryFolder inventory = work.inventory();
            RecordTable table =
                    new RecordTable(dynamoDb, tableName, inventory.name(), Double.POSITIVE_INFINITY, waiting);
            Reconciliation reconciliation = new Reconciliation(table, extractor, executor, waiting);
            Reconciliation.Task task = new Reconciliation.Task(
                    bucketName,
                    Scope.of(suffixes, inventory.scanTime(), cutOff),
                    maximumRepairs,
                    (finding, settled) -> {});
            Manifest manifest = withinTime(() -> inventories.manifest(inventory, bucketName));
            while (manifest != null && dataFile < manifest.files().size()) {
                try (RowReader rows = withinTime(() -> opened(manifest))) {
                    if (rows == null) {
                        return Reconciliation.DEADLINE;
                    }
                    Reconciliation.Result result = reconciliation.run(rows, task, work.tally(), timeLeft);
                    if (result.cause() != null) {
                        row += result.settledRows();
                        return result.cause();
                    }
                }
                dataFile++;
                row = 0;
            }
            return manifest == null ? Reconciliation.DEADLINE : null;
        }

        private RowReader opened(Manifest manifest) {
            RowReader rows = inventories.open(
                    work.inventory(), manifest, manifest.files().get(dataFile));
            rows.skip(row);
            return rows;
        }

        /** Waits for a download, and no longer than there is time: then it returns null. */
        private <T> @Nullable T withinTime(Supplier<T> download) {
            FutureTask<T> task = new FutureTask<>(download::get);
            executor.execute(task);
            try {
                return waiting.await(task, timeLeft.get());
            } catch (TimeoutException noTimeLeft) {
                return null;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return null;
            } catch (ExecutionException failed) {
                if (failed.getCause() instanceof RuntimeException cause) {
                    throw cause;
                }
                throw new IllegalStateException("a download ended in an error", failed.getCause());
            } finally {
                task.cancel(true);
            }
        }

        ReconcileWork rest() {
            long milliseconds = work.milliseconds()
                    + Duration.between(begin, clock.instant()).toMillis();
            return new ReconcileWork(work.inventory(), dataFile, row, milliseconds, work.tally());
        }
    }

    private static String required(Map<String, String> environment, String name) {
        String value = environment.get(name);
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException("environment variable " + name + " is missing");
        }
        return value;
    }

    private static long number(Map<String, String> environment, String name) {
        String value = required(environment, name);
        if (!value.matches("[0-9]{1,18}")) {
            throw new IllegalArgumentException("environment variable " + name + " must be a whole number, 0 or more");
        }
        return Long.parseLong(value);
    }

    /** Endpoint, Region and credentials are the SDK's own settings. */
    private static <B extends AwsClientBuilder<B, ?> & AwsSyncClientBuilder<B, ?>> B patient(B builder) {
        // The JDK's client keeps five idle connections by default; each further call would need a TLS handshake.
        System.setProperty("http.maxConnections", Integer.toString(Reconciliation.MAXIMUM_PARALLEL_CALLS));
        return builder.httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(CONNECTION_TIMEOUT)
                        .socketTimeout(ANSWER_TIMEOUT))
                .overrideConfiguration(override -> override.retryStrategy(RecordTable.retries()));
    }
}
