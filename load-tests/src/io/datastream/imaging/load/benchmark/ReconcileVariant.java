package io.datastream.imaging.load.benchmark;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import io.datastream.imaging.metadata.ImageMetadataTable;
import io.datastream.imaging.metadata.RecordKey;
import io.datastream.imaging.reconcile.InventoryBucket;
import io.datastream.imaging.reconcile.InventoryFolder;
import io.datastream.imaging.reconcile.InventoryRow;
import io.datastream.imaging.reconcile.Manifest;
import io.datastream.imaging.reconcile.ReconcileHandler;
import io.datastream.imaging.reconcile.RowReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.zip.GZIPInputStream;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * One approach of {@link Reconcile}, in a JVM of its own: once to warm up, then, after a line on standard input, measured.
 * It prints wall milliseconds, CPU milliseconds and peak megabytes.
 */
final class ReconcileVariant {

    private static final String TABLE = "ImageMetadata";
    private static final int KEYS_IN_A_CALL = 100;
    private static final int PARALLEL_CALLS = 16;

    /** What is measured. */
    enum Approach {
        /** Reads the lines of the file, nothing else. */
        LINES,
        /** Checks the MD5 and makes rows. */
        ROWS,
        /** The whole function; the lookup is answered at once by an object in memory. */
        FUNCTION_IN_MEMORY,
        /** BatchGetItem of ready-made requests, as many side by side as in the function, nothing else. */
        CALLS,
        /** The whole function. */
        FUNCTION
    }

    private ReconcileVariant() {}

    /** Arguments: the approach, the folder with manifest and data file, and DynamoDB's endpoint or {@code none}. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        System.setProperty("http.maxConnections", Integer.toString(PARALLEL_CALLS));
        Approach approach = Approach.valueOf(arguments[0]);
        S3Client s3 = new FolderOfObjects(Path.of(arguments[1]));
        DynamoDbClient dynamoDb = approach == Approach.FUNCTION_IN_MEMORY ? new EveryItem() : client(arguments[2]);
        List<BatchGetItemRequest> requests = approach == Approach.CALLS ? requests(s3) : List.of();
        run(approach, s3, dynamoDb, requests);
        System.out.println("warm");
        if (System.in.read() < 0) {
            return;
        }
        long cpu = cpuNanos();
        long start = System.nanoTime();
        run(approach, s3, dynamoDb, requests);
        System.out.printf(
                "%d %d %d%n", (System.nanoTime() - start) / 1_000_000, (cpuNanos() - cpu) / 1_000_000, peakMegabytes());
        // Until the limit of the processor is taken away: an ending process would be in the way.
        while (System.in.read() >= 0) {
            // The end comes when the benchmark closes the stream.
        }
    }

    private static DynamoDbClient client(String endpoint) {
        return DynamoDbClient.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .endpointOverride(URI.create(endpoint.equals("none") ? "https://localhost" : endpoint))
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .build();
    }

    private static void run(Approach approach, S3Client s3, DynamoDbClient dynamoDb, List<BatchGetItemRequest> requests)
            throws IOException, InterruptedException {
        switch (approach) {
            case LINES -> {
                try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                        new GZIPInputStream(
                                s3.getObject(
                                        get -> get.bucket(Reconcile.INVENTORIES).key(Reconcile.DATA_FILE)),
                                65_536),
                        UTF_8))) {
                    while (lines.readLine() != null) {
                        // Nothing else.
                    }
                }
            }
            case ROWS -> {
                try (RowReader rows = open(s3)) {
                    while (rows.hasNext()) {
                        rows.next();
                    }
                }
            }
            case CALLS -> callSideBySide(dynamoDb, requests);
            case FUNCTION_IN_MEMORY, FUNCTION -> invoke(s3, dynamoDb);
        }
    }

    private static RowReader open(S3Client s3) {
        InventoryBucket bucket = new InventoryBucket(s3, Path.of(System.getProperty("java.io.tmpdir")));
        InventoryFolder folder = InventoryFolder.of(Reconcile.INVENTORIES, Reconcile.FOLDER + "manifest.json");
        Manifest manifest = bucket.manifest(folder, Reconcile.UPLOADS);
        return bucket.open(folder, manifest, manifest.files().getFirst());
    }

    private static List<BatchGetItemRequest> requests(S3Client s3) {
        List<BatchGetItemRequest> requests = new ArrayList<>();
        List<Map<String, AttributeValue>> keys = new ArrayList<>();
        try (RowReader rows = open(s3)) {
            // The same thousand requests over and over, as a million keys would fill the memory.
            while (rows.hasNext() && requests.size() < 1_000) {
                InventoryRow row = rows.next();
                keys.add(ImageMetadataTable.keyAttributes(
                        new RecordKey(row.objectKey(), Objects.requireNonNull(row.versionId()))));
                if (keys.size() == KEYS_IN_A_CALL) {
                    KeysAndAttributes request = KeysAndAttributes.builder()
                            .keys(List.copyOf(keys))
                            .projectionExpression("fileKey, uploadId, fileSize, eTag, inventory")
                            .build();
                    requests.add(BatchGetItemRequest.builder()
                            .requestItems(Map.of(TABLE, request))
                            .build());
                    keys.clear();
                }
            }
        }
        return requests;
    }

    private static void callSideBySide(DynamoDbClient dynamoDb, List<BatchGetItemRequest> requests)
            throws InterruptedException {
        Queue<BatchGetItemRequest> unsent = new ConcurrentLinkedQueue<>();
        for (int calls = 0; calls < Reconcile.rows() / KEYS_IN_A_CALL; calls++) {
            unsent.add(requests.get(calls % requests.size()));
        }
        List<Thread> workers = new ArrayList<>();
        for (int worker = 0; worker < PARALLEL_CALLS; worker++) {
            workers.add(Thread.ofVirtual().start(() -> {
                for (BatchGetItemRequest next = unsent.poll(); next != null; next = unsent.poll()) {
                    dynamoDb.batchGetItem(next);
                }
            }));
        }
        for (Thread worker : workers) {
            worker.join();
        }
    }

    private static void invoke(S3Client s3, DynamoDbClient dynamoDb) {
        Map<String, String> environment = Map.of(
                "TABLE_NAME", TABLE,
                "BUCKET_NAME", Reconcile.UPLOADS,
                "KEY_SUFFIXES", ".dcm,.DCM",
                "RECONCILE_MODE", "repair",
                "MAXIMUM_REPAIRS", "0",
                "CUT_OFF_SECONDS", "345600",
                "RECONCILE_QUEUE_URL", "none");
        SQSEvent.SQSMessage message = new SQSEvent.SQSMessage();
        message.setMessageId("m");
        message.setBody(Reconcile.notification());
        SQSEvent event = new SQSEvent();
        event.setRecords(List.of(message));
        List<String> log = new ArrayList<>();
        InvocationContext context = new InvocationContext(900_000) {
            @Override
            public void log(String line) {
                log.add(line);
            }
        };
        boolean done = new ReconcileHandler(
                        environment, dynamoDb, s3, new NoQueue(), InstantSource.system(), Thread::sleep)
                .handleRequest(event, context)
                .getBatchItemFailures()
                .isEmpty();
        String last = log.getLast();
        if (!done
                || !last.contains("\"ReconciledRows\":" + Reconcile.rows())
                || !last.contains("\"MissingUploads\":0,")
                || !last.contains("\"MismatchedUploads\":0,")) {
            throw new IllegalStateException("not all rows were found: " + last);
        }
    }

    private static long cpuNanos() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
    }

    private static long peakMegabytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024;
            }
        }
        throw new IllegalStateException("no VmHWM");
    }

    /** Each object is a file of a folder. */
    private static final class FolderOfObjects implements S3Client {
        private final Path folder;

        FolderOfObjects(Path folder) {
            this.folder = folder;
        }

        @Override
        public ResponseInputStream<GetObjectResponse> getObject(GetObjectRequest request) {
            Path file = folder.resolve(request.key());
            try {
                return new ResponseInputStream<>(
                        GetObjectResponse.builder()
                                .contentLength(Files.size(file))
                                .build(),
                        Files.newInputStream(file));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public String serviceName() {
            return SERVICE_NAME;
        }

        @Override
        public void close() {}
    }

    /** A table that has every key that it is asked for. */
    private static final class EveryItem implements DynamoDbClient {
        private static final AttributeValue SIZE = AttributeValue.fromN(Long.toString(BatchGetItemStub.FILE_SIZE));
        private static final AttributeValue E_TAG = AttributeValue.fromS(BatchGetItemStub.E_TAG);

        @Override
        public BatchGetItemResponse batchGetItem(BatchGetItemRequest request) {
            List<Map<String, AttributeValue>> items = new ArrayList<>();
            for (Map<String, AttributeValue> key :
                    Objects.requireNonNull(request.requestItems().get(TABLE)).keys()) {
                items.add(Map.of(
                        ImageMetadataTable.FILE_KEY,
                        key.get(ImageMetadataTable.FILE_KEY),
                        ImageMetadataTable.UPLOAD_ID,
                        key.get(ImageMetadataTable.UPLOAD_ID),
                        ImageMetadataTable.FILE_SIZE,
                        SIZE,
                        ImageMetadataTable.E_TAG,
                        E_TAG));
            }
            return BatchGetItemResponse.builder()
                    .responses(Map.of(TABLE, items))
                    .build();
        }

        @Override
        public String serviceName() {
            return SERVICE_NAME;
        }

        @Override
        public void close() {}
    }

    private static final class NoQueue implements SqsClient {
        @Override
        public String serviceName() {
            return SERVICE_NAME;
        }

        @Override
        public void close() {}
    }
}
