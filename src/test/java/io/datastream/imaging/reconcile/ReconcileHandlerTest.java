package io.datastream.imaging.reconcile;

import static io.datastream.imaging.reconcile.TestInventoryBucket.notification;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.datastream.imaging.cloudformation.TemplateMetrics;
import io.datastream.imaging.ingest.FakeContext;
import io.datastream.imaging.metadata.ImageMetadataTable;
import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.PatientIdPattern;
import io.datastream.imaging.metadata.RecordKey;
import io.datastream.imaging.notification.NotificationDecoder;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.SendMessageRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageResponse;
import software.amazon.awssdk.services.sqs.model.SqsException;

@Timeout(120)
class ReconcileHandlerTest {

    private static final Instant TIME = Instant.parse("2026-11-20T09:30:00.125Z");
    private static final Duration ENOUGH = Duration.ofSeconds(60);

    /** An upload, as its notification and the inventory have it. */
    private record Upload(String key, String versionId, long size, Instant time, String eTag) {

        String row() {
            return TestInventoryBucket.row(key, versionId, size, time, eTag);
        }

        String event() {
            return """
                    {"Records":[{"eventVersion":"2.1","eventName":"ObjectCreated:Put","eventTime":"%s","s3":{\
                    "bucket":{"name":"uploads"},"object":{"key":"%s","size":%d,"eTag":"%s","versionId":"%s",\
                    "sequencer":"0055AED6DCD90281E5"}}}]}"""
                    .formatted(time, TestInventoryBucket.encoded(key), size, eTag, versionId);
        }
    }

    /** The function's own queue. */
    private static final class TestSqs implements SqsClient {
        final Deque<String> bodies = new ArrayDeque<>();
        final List<Integer> delays = new ArrayList<>();
        boolean isRefusing;

        @Override
        public SendMessageResponse sendMessage(SendMessageRequest request) {
            if (isRefusing) {
                throw SqsException.builder().statusCode(500).build();
            }
            bodies.add(request.messageBody());
            delays.add(request.delaySeconds());
            return SendMessageResponse.builder().build();
        }

        @Override
        public String serviceName() {
            return SERVICE_NAME;
        }

        @Override
        public void close() {}
    }

    private final TestTable table = new TestTable();
    private final TestInventoryBucket bucket = new TestInventoryBucket();
    private final TestSqs sqs = new TestSqs();
    private final List<String> log = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>(Map.of(
            "TABLE_NAME", TestTable.NAME,
            "BUCKET_NAME", TestInventoryBucket.UPLOADS,
            "KEY_SUFFIXES", ".dcm,.DCM",
            "RECONCILE_MODE", "repair",
            "MAXIMUM_REPAIRS", "10000",
            "CUT_OFF_SECONDS", "345600",
            "RECONCILE_QUEUE_URL", "https://sqs/reconcile"));

    /** Time passes only by looking at the clock. */
    private Duration tick = Duration.ZERO;

    private boolean delivered(String body, Duration timeLeft) {
        InstantSource clock = new InstantSource() {
            private Instant now = Instant.parse("2026-11-27T03:12:00Z");

            @Override
            public synchronized Instant instant() {
                now = now.plus(tick);
                return now;
            }
        };
        SQSEvent.SQSMessage message = new SQSEvent.SQSMessage();
        message.setMessageId("m1");
        message.setBody(body);
        SQSEvent event = new SQSEvent();
        event.setRecords(List.of(message));
        SQSBatchResponse response = new ReconcileHandler(environment, table, bucket, sqs, clock, Thread::sleep)
                .handle(event, timeLeft, "Reconcile", log::add);
        return response.getBatchItemFailures().isEmpty();
    }

    private boolean delivered(String body) {
        return delivered(body, ENOUGH);
    }

    /**
     * Delivers the notification and every message that follows; returns how many there were. Several threads look at the
     * clock, so the time can be over before any row is done; then the message is delivered again, as SQS does.
     */
    private int reconcile(Duration timeLeft) {
        int messages = 0;
        sqs.bodies.add(notification());
        while (!sqs.bodies.isEmpty()) {
            String body = sqs.bodies.remove();
            int receives = 1;
            while (!delivered(body, timeLeft)) {
                assertThat(receives++).isLessThan(5);
            }
            messages++;
        }
        return messages;
    }

    /** The highest value of a metric, as its alarm sees it. */
    private long metric(String name) {
        return log.stream()
                .map(ReconcileHandlerTest::json)
                .filter(line -> line.has(name))
                .mapToLong(line -> line.get(name).asLong())
                .max()
                .orElse(-1);
    }

    private List<String> reasons() {
        return log.stream()
                .map(ReconcileHandlerTest::json)
                .filter(line -> line.has("reason"))
                .map(line -> line.get("reason").asText())
                .toList();
    }

    private static JsonNode json(String line) {
        try {
            return new ObjectMapper().readTree(line);
        } catch (JsonProcessingException e) {
            throw new AssertionError(line, e);
        }
    }

    private static Upload upload(int number) {
        return new Upload("patient-" + number + ".dcm", "v" + number, number, TIME, "e" + number);
    }

    private static List<Upload> uploads(int number) {
        return IntStream.range(0, number).mapToObj(ReconcileHandlerTest::upload).toList();
    }

    private void inventory(List<Upload> uploads, int files) {
        int size = (uploads.size() + files - 1) / files;
        for (int from = 0; from < uploads.size(); from += size) {
            bucket.add(uploads.subList(from, Math.min(from + size, uploads.size())).stream()
                    .map(Upload::row)
                    .toList());
        }
        bucket.finish();
    }

    /** What the ingest function does. */
    private static void notify(TestTable table, Stream<Upload> uploads) {
        MessageReader reader = new MessageReader(PatientIdPattern.compile(PatientIdPattern.DEFAULT));
        uploads.forEach(upload -> reader.read(upload.event())
                .uploads()
                .forEach(metadata -> table.record(ImageMetadataTable.item(metadata))));
    }

    @Test
    void of50000ObjectsExactlyThe137WithoutNotificationAreRepaired() {
        Random random = new Random(14);
        String[] folders = {"", "a folder/", "å/ß+&/", "患者/한국어/", "100%/", "\"quoted\",/", "deep/".repeat(150)};
        List<Upload> uploads = IntStream.range(0, 50_000)
                .mapToObj(number -> new Upload(
                        folders[random.nextInt(folders.length)] + "patient-" + number % 40_000 + "_" + number % 7
                                + (number % 3 == 0 ? ".DCM" : ".dcm"),
                        "version" + number,
                        random.nextLong(1L << 40),
                        TIME.plusMillis(number),
                        Integer.toHexString(number)))
                .toList();
        List<Integer> numbers =
                new ArrayList<>(IntStream.range(0, uploads.size()).boxed().toList());
        Collections.shuffle(numbers, random);
        Set<Integer> dropped = new HashSet<>(numbers.subList(0, 137));
        TestTable nothingDropped = new TestTable();
        notify(nothingDropped, uploads.stream());
        notify(
                table,
                IntStream.range(0, uploads.size())
                        .filter(number -> !dropped.contains(number))
                        .mapToObj(uploads::get));
        inventory(uploads, 3);
        tick = Duration.ofMillis(100);

        int messages = reconcile(ReconcileHandler.SAFETY_MARGIN.plusSeconds(15));

        assertThat(messages).isGreaterThan(3);
        assertThat(sqs.delays).containsOnly(0);
        assertThat(metric("ReconciledRows")).isEqualTo(50_000);
        assertThat(metric("MissingUploads")).isEqualTo(137);
        assertThat(metric("RepairedUploads")).isEqualTo(137);
        assertThat(metric("MismatchedUploads")).isZero();
        assertThat(metric("InventoriesReconciled")).isEqualTo(1);
        assertThat(metric("ReconcileSeconds")).isGreaterThan(30);
        Set<RecordKey> repaired = new HashSet<>();
        table.items.forEach((key, item) -> {
            if (item.containsKey(ImageMetadataTable.RECORDED_BY)) {
                repaired.add(key);
            }
        });
        assertThat(repaired)
                .isEqualTo(new HashSet<>(dropped.stream()
                        .map(uploads::get)
                        .map(upload -> new RecordKey(upload.key(), upload.versionId()))
                        .toList()));

        notify(table, dropped.stream().map(uploads::get));

        assertThat(table.items.equals(nothingDropped.items)).isTrue();
        assertThat(log.toString()).doesNotContain("patient");
    }

    @Test
    void aMessageThatIsDeliveredTwiceOrOutOfOrderChangesNothing() {
        inventory(uploads(6_000), 3);
        notify(table, uploads(6_000).stream().filter(upload -> upload.size() % 100 != 0));
        tick = Duration.ofMillis(100);
        Duration timeLeft = ReconcileHandler.SAFETY_MARGIN.plusSeconds(3);
        reconcile(timeLeft);
        Map<RecordKey, Map<String, AttributeValue>> once = Map.copyOf(table.items);
        List<String> followUps = new ArrayList<>();
        sqs.bodies.add(notification());
        while (!sqs.bodies.isEmpty()) {
            String body = sqs.bodies.remove();
            followUps.add(body);
            delivered(body, timeLeft);
        }
        Collections.reverse(followUps);
        followUps.forEach(body -> delivered(body, timeLeft));

        assertThat(followUps).hasSizeGreaterThan(2);
        assertThat(table.items).isEqualTo(once);
        assertThat(metric("MissingUploads")).isEqualTo(60);
        assertThat(metric("RepairedUploads")).isEqualTo(60);
        assertThat(table.puts).hasValue(60);
    }

    @Test
    void aFunctionThatIsKilledInMidFileCompletesWhenItsMessageComesAgain() {
        inventory(uploads(3_000), 2);
        table.beforePut = number -> {
            if (number == 1_234) {
                throw new IllegalStateException("killed");
            }
        };
        assertThatThrownBy(() -> delivered(notification())).isInstanceOf(IllegalStateException.class);
        assertThat(log).isEmpty();
        table.beforePut = number -> {};

        assertThat(delivered(notification())).isTrue();

        assertThat(table.items).hasSize(3_000);
        assertThat(metric("RepairedUploads")).isEqualTo(3_000);
        assertThat(metric("MissingUploads")).isEqualTo(3_000);
    }

    @Test
    void aManifestThatComesBeforeItsDataFilesIsTriedAgain() {
        inventory(uploads(10), 1);
        byte[] content = bucket.objects.remove("daily/uploads/all/data/0.csv.gz");

        assertThat(delivered(notification())).isFalse();
        assertThat(reasons()).containsExactly("data-file-missing");
        assertThat(table.items).isEmpty();

        bucket.objects.put("daily/uploads/all/data/0.csv.gz", content);
        assertThat(delivered(notification())).isTrue();
        assertThat(table.items).hasSize(10);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 500})
    void aTruncatedDataFileIsNotUsed(int cut) {
        inventory(uploads(1_000), 1);
        bucket.objects.computeIfPresent(
                "daily/uploads/all/data/0.csv.gz",
                (key, content) -> Arrays.copyOf(content, cut == 0 ? 0 : content.length - cut));

        assertThat(delivered(notification())).isFalse();

        assertThat(reasons()).containsExactly("data-file-checksum-wrong");
        assertThat(table.items).isEmpty();
        assertThat(table.lookups).hasValue(0);
        assertThat(metric("InventoriesReconciled")).isZero();
    }

    @Test
    void anUnreadableRowStopsTheRunAndTheRowsBeforeItAreRepaired() {
        List<String> rows =
                new ArrayList<>(uploads(500).stream().map(Upload::row).toList());
        rows.set(300, "\"uploads\",\"patient-300.dcm\",\"v300\"");
        bucket.add(rows);
        bucket.finish();

        assertThat(delivered(notification())).isFalse();

        assertThat(json(log.getLast()).toString())
                .isEqualTo(
                        """
                        {"level":"ERROR","event":"inventory-refused","messageId":"m1","reason":"row-unreadable: row 301"}""");
        assertThat(metric("InventoriesReconciled")).isZero();
        assertThat(table.items).hasSize(300);
        assertThat(metric("MissingUploads")).isEqualTo(300);
    }

    @ParameterizedTest
    @CsvSource({
        "ORC, '', uploads, '', format-unsupported: set the inventory's format to CSV",
        "CSV, Size, uploads, '', field-missing: the inventory must be of all versions and have the field Size",
        "CSV, VersionId, uploads, '', field-missing: the inventory must be of all versions and have the field VersionId",
        "CSV, '', foreign, '', foreign-bucket",
        "CSV, '', uploads, AccessDenied, no-permission: AccessDenied",
        "CSV, '', uploads, KMS.DisabledException, no-permission: KMS.DisabledException",
    })
    void refusesAnInventoryThatCannotBeUsed(
            String format, String missingField, String sourceBucket, String errorCode, String reason) {
        bucket.format = format;
        bucket.schema = TestInventoryBucket.SCHEMA.replace(", " + missingField + ",", ",");
        bucket.sourceBucket = sourceBucket;
        bucket.errorCode = errorCode.isEmpty() ? null : errorCode;
        inventory(uploads(10), 1);

        assertThat(delivered(notification())).isFalse();

        assertThat(reasons()).containsExactly(reason);
        assertThat(table.items).isEmpty();
    }

    @Test
    void refusesAManifestThatIsNotAsItsChecksumSaysAndOneThatIsMissing() {
        inventory(uploads(10), 1);
        bucket.objects.computeIfPresent(
                TestInventoryBucket.FOLDER + "manifest.json",
                (key, content) -> Arrays.copyOf(content, content.length - 1));
        assertThat(delivered(notification())).isFalse();
        bucket.objects.remove(TestInventoryBucket.FOLDER + "manifest.json");
        assertThat(delivered(notification())).isFalse();

        assertThat(reasons()).containsExactly("manifest-checksum-wrong", "manifest-missing");
    }

    @Test
    void uploadsOverwritesAndDeletionsDuringTheScanRaiseNoAlarm() {
        Instant scan = TestInventoryBucket.SCAN_TIME;
        bucket.add(List.of(
                new Upload("patient-1.dcm", "v1", 1, scan.minus(Duration.ofDays(5)), "e").row(),
                // Its message may be in the queue, or in the dead-letter queue.
                new Upload("patient-2.dcm", "v1", 1, scan.minus(Duration.ofDays(3)), "e").row(),
                // Overwritten and deleted while S3 was listing.
                new Upload("patient-1.dcm", "v2", 1, scan.plusSeconds(60), "e").row(),
                TestInventoryBucket.deleteMarker("patient-1.dcm", "v3", scan.plusSeconds(61)),
                TestInventoryBucket.row("patient-4.dcm", null, 1, TIME, "e"),
                TestInventoryBucket.row("notes.txt", "v", 1, TIME, "e")));
        bucket.finish();
        notify(table, Stream.of(new Upload("patient-1.dcm", "v1", 1, scan.minus(Duration.ofDays(5)), "e")));

        assertThat(delivered(notification())).isTrue();

        assertThat(metric("MissingUploads")).isZero();
        assertThat(metric("ReconciledRows")).isEqualTo(1);
        assertThat(metric("UnsupportedObjects")).isEqualTo(1);
        assertThat(table.items).hasSize(1);
    }

    @Test
    void theMaximumOfRepairsHoldsOverAllDataFilesAndNamesTheCommand() {
        environment.put("MAXIMUM_REPAIRS", "700");
        inventory(uploads(3_000), 3);
        tick = Duration.ofMillis(100);

        reconcile(ReconcileHandler.SAFETY_MARGIN.plusSeconds(3));

        assertThat(table.items).hasSize(700);
        assertThat(metric("MissingUploads")).isEqualTo(3_000);
        assertThat(metric("RepairedUploads")).isEqualTo(700);
        assertThat(metric("RepairCeilingReached")).isEqualTo(1);
        assertThat(reasons().getLast()).contains("java -jar imaging.jar reconcile");
    }

    @Test
    void asManyRepairsAsAllowedReachNoCeiling() {
        environment.put("MAXIMUM_REPAIRS", "10");
        inventory(uploads(10), 1);

        assertThat(delivered(notification())).isTrue();

        assertThat(metric("RepairedUploads")).isEqualTo(10);
        assertThat(metric("RepairCeilingReached")).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {TestInventoryBucket.FOLDER + "manifest.json", "daily/uploads/all/data/0.csv.gz"})
    void aDownloadThatHangsIsNotWaitedForPastTheDeadline(String key) {
        inventory(uploads(10), 1);
        bucket.hangingKey = key;

        assertThat(delivered(notification(), ReconcileHandler.SAFETY_MARGIN.plusMillis(300)))
                .isFalse();

        assertThat(reasons()).containsExactly("deadline");
        assertThat(metric("InventoriesReconciled")).isZero();
    }

    @Test
    void anInterruptedFunctionReportsItsMessageAndStaysInterrupted() {
        inventory(uploads(10), 1);
        bucket.hangingKey = TestInventoryBucket.FOLDER + "manifest.json";
        Thread.currentThread().interrupt();

        boolean isDelivered = delivered(notification());

        assertThat(Thread.interrupted()).isTrue();
        assertThat(isDelivered).isFalse();
    }

    @Test
    void takesTimeNameAndLogFromTheContextOfLambda() {
        inventory(uploads(10), 1);
        FakeContext context = new FakeContext();
        SQSEvent.SQSMessage message = new SQSEvent.SQSMessage();
        message.setMessageId("m1");
        message.setBody(notification());
        SQSEvent event = new SQSEvent();
        event.setRecords(List.of(message));
        ReconcileHandler handler =
                new ReconcileHandler(environment, table, bucket, sqs, InstantSource.system(), Thread::sleep);

        context.remainingMilliseconds = 0;
        assertThat(handler.handleRequest(event, context).getBatchItemFailures()).hasSize(1);
        context.lines.clear();
        context.remainingMilliseconds = 60_000;
        assertThat(handler.handleRequest(event, context).getBatchItemFailures()).isEmpty();

        assertThat(context.lines)
                .singleElement()
                .asString()
                .contains("\"FunctionName\":\"ingest\"")
                .endsWith("}\n");
    }

    @Test
    void theLineOfTotalsNamesTheInventoryAndCountsTheOtherRows() {
        Upload outOfScope = new Upload("report.txt", "v1", 5, TIME, "e1");
        inventory(List.of(uploads(1).getFirst(), outOfScope), 1);

        assertThat(delivered(notification())).isTrue();

        JsonNode totals = json(log.getLast());
        assertThat(totals.get("inventory").asText()).isEqualTo("2026-11-27T01-00Z");
        assertThat(totals.get("rowsTooRecent").asInt()).isZero();
        assertThat(totals.get("rowsOutOfScope").asInt()).isEqualTo(1);
    }

    private static ReconcileWork workWithEachFinding() {
        Tally tally = new Tally();
        for (Finding finding : Finding.values()) {
            tally.add(finding, finding.ordinal() + 10);
        }
        InventoryFolder folder =
                InventoryFolder.of(TestInventoryBucket.NAME, TestInventoryBucket.FOLDER + "manifest.json");
        return new ReconcileWork(folder, 3, 1L << 40, 7_999, tally);
    }

    @Test
    void eachInvocationLogsOneWholeLine() {
        ReconcileTelemetry telemetry = new ReconcileTelemetry(
                InstantSource.fixed(Instant.parse("2026-11-27T03:12:00Z")), "Reconcile", log::add);

        telemetry.totals(workWithEachFinding(), true, false);
        telemetry.error("inventory-refused", "m1", "row-unreadable: row 301");

        assertThat(log)
                .containsExactly(
                        """
                        {"_aws":{"Timestamp":1795749120000,"CloudWatchMetrics":[{"Namespace":"ImagingIngest",\
                        "Dimensions":[["FunctionName"]],"Metrics":[{"Name":"ReconciledRows","Unit":"Count"},\
                        {"Name":"MissingUploads","Unit":"Count"},{"Name":"RepairedUploads","Unit":"Count"},\
                        {"Name":"MismatchedUploads","Unit":"Count"},{"Name":"ObjectsWithoutPatientId","Unit":"Count"},\
                        {"Name":"UnsupportedObjects","Unit":"Count"},{"Name":"RepairCeilingReached","Unit":"Count"},\
                        {"Name":"InventoriesReconciled","Unit":"Count"},{"Name":"ReconcileSeconds","Unit":"Seconds"}]}]},\
                        "FunctionName":"Reconcile","ReconciledRows":60,"MissingUploads":25,"RepairedUploads":13,\
                        "MismatchedUploads":11,"ObjectsWithoutPatientId":14,"UnsupportedObjects":15,\
                        "RepairCeilingReached":0,"InventoriesReconciled":1,"ReconcileSeconds":7,\
                        "inventory":"2026-11-27T01-00Z","rowsTooRecent":16,"rowsOutOfScope":17}""",
                        """
                        {"level":"ERROR","event":"inventory-refused","messageId":"m1","reason":"row-unreadable: row 301"}""");
    }

    @Test
    void aMessageKeepsAllOfItsState() {
        ReconcileWork work = workWithEachFinding();

        // A field of a later version is passed over, whatever its value.
        String body = work.body().replaceFirst("\\{", "{\"later\":{\"row\":1},");

        assertThat(ReconcileWork.read(body, new NotificationDecoder()))
                .singleElement()
                .satisfies(read -> {
                    assertThat(read.inventory()).isEqualTo(work.inventory());
                    assertThat(read.dataFile()).isEqualTo(3);
                    assertThat(read.row()).isEqualTo(1L << 40);
                    assertThat(read.milliseconds()).isEqualTo(7_999);
                    for (Finding finding : Finding.values()) {
                        assertThat(read.tally().of(finding)).isEqualTo(finding.ordinal() + 10);
                    }
                });
    }

    @Test
    void theMetricsIncludeAllThatAlarmsAndDashboardRead() throws JsonProcessingException {
        inventory(uploads(1), 1);

        assertThat(delivered(notification())).isTrue();

        assertThat(TemplateMetrics.emittedIn(
                        log.stream().map(ReconcileHandlerTest::json).toList()))
                .containsAll(TemplateMetrics.readOf("ReconcileFunction"));
        assertThat(TemplateMetrics.readOf("ReconcileFunction"))
                .extracting(TemplateMetrics.Metric::name)
                .contains("MissingUploads", "InventoriesReconciled", "RepairCeilingReached");
    }

    @ParameterizedTest
    @ValueSource(strings = {"report", "off"})
    void aReportRepairsNothing(String mode) {
        environment.put("RECONCILE_MODE", mode);
        environment.remove("MAXIMUM_REPAIRS");
        inventory(uploads(10), 1);

        assertThat(delivered(notification())).isTrue();

        assertThat(table.items).isEmpty();
        assertThat(metric("MissingUploads")).isEqualTo(10);
        assertThat(metric("RepairedUploads")).isZero();
        assertThat(metric("RepairCeilingReached")).isZero();
    }

    @Test
    void aTableThatFailsInMidFileIsTriedAgainFromThere() {
        inventory(uploads(3_000), 1);
        AtomicInteger failures = new AtomicInteger();
        table.beforeLookup = number -> {
            if (number > 20 && number < 50) {
                failures.incrementAndGet();
                throw TestTable.error("ThrottlingException", 400);
            }
        };

        assertThat(delivered(notification())).isTrue();
        assertThat(sqs.bodies).hasSize(1);
        assertThat(sqs.delays).containsExactly(60);
        assertThat(failures).hasPositiveValue();
        assertThat(reasons()).containsExactly("ThrottlingException");
        assertThat(metric("InventoriesReconciled")).isZero();
        table.beforeLookup = number -> {};
        assertThat(delivered(sqs.bodies.remove())).isTrue();

        assertThat(table.items).hasSize(3_000);
        assertThat(metric("RepairedUploads")).isEqualTo(3_000);
    }

    @Test
    void aMessageWithoutProgressFails() {
        inventory(uploads(10), 1);
        table.beforeLookup = number -> {
            throw TestTable.error("AccessDeniedException", 400);
        };

        assertThat(delivered(notification())).isFalse();

        assertThat(sqs.bodies).isEmpty();
        assertThat(reasons()).containsExactly("AccessDeniedException");
        assertThat(delivered(notification(), Duration.ofSeconds(1))).isFalse();
        assertThat(reasons()).containsExactly("AccessDeniedException", "deadline");
    }

    @Test
    void aMessageWhoseRestCannotBeSentFails() {
        inventory(uploads(3_000), 1);
        tick = Duration.ofMillis(100);
        sqs.isRefusing = true;

        // Enough for a few groups of rows, whose repairs look at the clock 18 times, and not for all.
        assertThat(delivered(notification(), ReconcileHandler.SAFETY_MARGIN.plusSeconds(10)))
                .isFalse();

        assertThat(reasons()).containsExactly("SqsException");
    }

    @Test
    void ignoresOtherNotificationsAndRejectsOtherMessages() {
        assertThat(delivered(notification().replace("manifest.checksum", "manifest.json")))
                .isTrue();
        assertThat(delivered("{\"Service\":\"Amazon S3\",\"Event\":\"s3:TestEvent\"}"))
                .isTrue();
        assertThat(log).isEmpty();
        assertThat(delivered("{}")).isFalse();
        assertThat(delivered("nonsense")).isFalse();
        assertThat(delivered(notification().replace("2026-11-27T01-00Z", "hive")))
                .isFalse();
        assertThat(reasons()).containsExactly("unknown-message", "unknown-message", "no-scan-time");
    }

    @ParameterizedTest
    @CsvSource({
        "TABLE_NAME, ''",
        "BUCKET_NAME, ''",
        "RECONCILE_QUEUE_URL, ''",
        "KEY_SUFFIXES, ''",
        "RECONCILE_MODE, on",
        "MAXIMUM_REPAIRS, many",
        "CUT_OFF_SECONDS, -1",
    })
    void doesNotStartWithAnIncompleteEnvironment(String name, String value) {
        environment.put(name, value);

        assertThatThrownBy(() -> delivered(notification()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name);
    }
}
