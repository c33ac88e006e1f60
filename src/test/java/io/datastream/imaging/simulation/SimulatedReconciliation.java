package io.datastream.imaging.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import io.datastream.imaging.reconcile.ReconcileHandler;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.net.URLEncoder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.SendMessageRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageResponse;

/** Inventories of the bucket, and the real function that reconciles them. Its message comes again until it is done. */
final class SimulatedReconciliation {

    /** How long a message may be on its way. Production has 15 minutes; here uploads are over within a minute. */
    static final int CUT_OFF_SECONDS = 45;

    private static final String BUCKET = "inventories";
    private static final int MOST_TRIES = 60;

    /** The function stops its work three seconds before its deadline. Its answer must follow within 100 ms. */
    private static final long LEAST_MARGIN = SimulatedTime.millis(2_900);

    private static final long VISIBILITY_TIMEOUT = SimulatedTime.millis(60_000);
    private static final DateTimeFormatter FOLDER =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH-mm'Z'").withZone(ZoneOffset.UTC);

    private final Simulation simulation;
    private final SimulatedTime time;
    private final SplittableRandom random;
    private final SimulatedTable table;
    private final Variant variant;
    private final Map<String, byte[]> objects = new HashMap<>();
    private int unfinished;

    SimulatedReconciliation(
            Simulation simulation, SimulatedTime time, SplittableRandom random, SimulatedTable table, Variant variant) {
        this.simulation = simulation;
        this.time = time;
        this.random = random;
        this.table = table;
        this.variant = variant;
    }

    static Instant scanTime(Step.Inventory inventory) {
        return SimulatedTime.START.plusSeconds(60L * inventory.scanMinute());
    }

    static String name(Step.Inventory inventory) {
        return FOLDER.format(scanTime(inventory));
    }

    /** Whether an upload is old enough at the scan for its message to have arrived. */
    static boolean isDue(Upload upload, Step.Inventory inventory) {
        return !upload.lastModified().isAfter(scanTime(inventory).minusSeconds(CUT_OFF_SECONDS));
    }

    boolean isDone() {
        return unfinished == 0;
    }

    /** Writes an inventory and sends its notification. */
    void add(Step.Inventory inventory, List<Upload> uploads) {
        String folder = "daily/" + Upload.BUCKET + "/all/" + name(inventory) + "/";
        List<String> rows = new ArrayList<>();
        for (Upload upload : uploads) {
            if (!upload.lastModified().isAfter(scanTime(inventory))) {
                rows.add(upload.inventoryRow());
            }
        }
        Collections.shuffle(rows, new Random(random.nextLong()));
        List<String> files = new ArrayList<>();
        int size = 1 + random.nextInt(4);
        for (int from = 0; from < rows.size(); from += size) {
            String key = folder + "data/" + from + ".csv.gz";
            byte[] content = gzip(String.join("\n", rows.subList(from, Math.min(from + size, rows.size()))) + "\n");
            objects.put(key, content);
            files.add("{\"key\":\"" + key + "\",\"size\":" + content.length + ",\"MD5checksum\":\"" + md5(content)
                    + "\"}");
        }
        byte[] manifest = files.stream()
                .collect(Collectors.joining(
                        ",",
                        "{\"sourceBucket\":\"" + Upload.BUCKET + "\",\"fileFormat\":\"CSV\",\"fileSchema\":\""
                                + "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag"
                                + "\",\"files\":[",
                        "]}"))
                .getBytes(UTF_8);
        objects.put(folder + "manifest.json", manifest);
        objects.put(folder + "manifest.checksum", md5(manifest).getBytes(UTF_8));
        send("{\"Records\":[{\"eventVersion\":\"2.1\",\"eventTime\":\"2026-11-23T10:00:00Z\","
                + "\"eventName\":\"ObjectCreated:Put\",\"s3\":{\"bucket\":{\"name\":\"" + BUCKET
                + "\"},\"object\":{\"key\":\"" + URLEncoder.encode(folder, UTF_8)
                + "manifest.checksum\",\"size\":32}}}]}");
    }

    private void send(String body) {
        unfinished++;
        time.after(SimulatedTime.millis(1 + random.nextInt(500)), () -> invoke(body, 1));
    }

    private void invoke(String body, int attempt) {
        SimulatedProcess process = new SimulatedProcess(time);
        ReconcileHandler handler = new ReconcileHandler(
                Map.of(
                        "TABLE_NAME",
                        SimulatedTable.NAME,
                        "PATIENT_ID_PATTERN",
                        simulation.pattern(),
                        "BUCKET_NAME",
                        Upload.BUCKET,
                        "KEY_SUFFIXES",
                        ".dcm,.DCM",
                        "RECONCILE_MODE",
                        "repair",
                        "MAXIMUM_REPAIRS",
                        "100000",
                        "CUT_OFF_SECONDS",
                        Integer.toString(variant.cutOffSeconds()),
                        "RECONCILE_QUEUE_URL",
                        "reconcile"),
                variant.reconcileTable(table.reconcileClient(process)),
                new Bucket(process),
                new Queue(process),
                time,
                process);
        SQSEvent.SQSMessage message = new SQSEvent.SQSMessage();
        message.setMessageId("inventory");
        message.setBody(body);
        SQSEvent event = new SQSEvent();
        event.setRecords(List.of(message));
        // Its margin is three seconds: sometimes little time is left.
        int milliseconds = random.nextInt(6) == 0 ? 3_000 + random.nextInt(1_000) : 40_000;
        long deadline = time.now() + SimulatedTime.millis(milliseconds);
        simulation.note("reconciliation, try %d, with %d ms", attempt, milliseconds);
        process.execute(() -> {
            boolean done = false;
            try {
                SQSBatchResponse response =
                        handler.handleRequest(event, context(variant.reconcileMilliseconds(milliseconds)));
                done = response.getBatchItemFailures().isEmpty() && !process.isDead();
                if (time.now() > deadline - LEAST_MARGIN) {
                    simulation.violated(Check.ANSWERS_IN_TIME, "the reconciliation answered too late");
                }
            } finally {
                simulation.note("reconciliation, try %d: %s", attempt, done ? "done" : "not done");
                if (done) {
                    unfinished--;
                } else if (attempt < MOST_TRIES) {
                    time.after(VISIBILITY_TIMEOUT, () -> invoke(body, attempt + 1));
                }
            }
        });
    }

    private Context context(int milliseconds) {
        LambdaLogger logger = new LambdaLogger() {
            @Override
            public void log(String line) {
                simulation.log(line);
            }

            @Override
            public void log(byte[] line) {
                log(new String(line, UTF_8));
            }
        };
        return (Context) Proxy.newProxyInstance(
                Context.class.getClassLoader(),
                new Class<?>[] {Context.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getRemainingTimeInMillis" -> milliseconds;
                    case "getFunctionName" -> "reconcile";
                    case "getLogger" -> logger;
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    private final class Bucket implements S3Client {
        private final SimulatedProcess process;

        Bucket(SimulatedProcess process) {
            this.process = process;
        }

        @Override
        public ResponseInputStream<GetObjectResponse> getObject(GetObjectRequest request) {
            process.waits(SimulatedTime.millis(1 + random.nextInt(50)));
            if (random.nextInt(50) == 0) {
                process.waits(SimulatedProcess.FOR_EVER);
            }
            byte[] content = objects.get(request.key());
            return new ResponseInputStream<>(
                    GetObjectResponse.builder()
                            .contentLength((long) content.length)
                            .build(),
                    new ByteArrayInputStream(content),
                    // No time-out of the SDK, which would need a thread and the real clock.
                    Duration.ZERO);
        }

        @Override
        public String serviceName() {
            return "s3";
        }

        @Override
        public void close() {}
    }

    private final class Queue implements SqsClient {
        private final SimulatedProcess process;

        Queue(SimulatedProcess process) {
            this.process = process;
        }

        @Override
        public SendMessageResponse sendMessage(SendMessageRequest request) {
            if (process.isDead()) {
                throw SdkClientException.create("killed");
            }
            send(request.messageBody());
            return SendMessageResponse.builder().messageId("next").build();
        }

        @Override
        public String serviceName() {
            return "sqs";
        }

        @Override
        public void close() {}
    }

    private static byte[] gzip(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static String md5(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
