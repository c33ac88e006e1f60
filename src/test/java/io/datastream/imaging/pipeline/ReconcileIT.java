package io.datastream.imaging.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.datastream.imaging.local.BucketEvents;
import io.datastream.imaging.local.CloudSettings;
import io.datastream.imaging.local.Fault;
import io.datastream.imaging.local.FunctionCode;
import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.local.UploadedObject;
import io.datastream.imaging.local.template.Template;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.s3.model.NotificationConfiguration;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.TopicConfiguration;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * Both functions' jars under Lambda's runtime, with the template's wiring: an upload that S3 did not notify is found by an
 * inventory of the bucket.
 */
class ReconcileIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Rows of a data file: several files in an inventory. */
    private static final int ROWS = 20;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    private static final Pattern PATIENT = Pattern.compile("patient-([0-9]+)(_.*)?\\.(dcm|DCM)");

    private static final List<UploadedObject> UPLOADS = new CopyOnWriteArrayList<>();
    private static final List<String> LOG = new CopyOnWriteArrayList<>();

    private static LocalCloud cloud;
    private static List<TopicConfiguration> notification;
    private static int inventories;

    /** Messages reappear as soon as the functions' timeouts allow it, so that the tests wait less. */
    @BeforeAll
    static void start() {
        cloud = LocalCloud.start(CloudSettings.of(
                        Template.read(Path.of("cloudformation/pipeline.yaml"))
                                .with("Resources.Function.Properties.Timeout", 6)
                                .with("Resources.Queue.Properties.VisibilityTimeout", 6)
                                .with("Resources.Queue.Properties.RedrivePolicy.maxReceiveCount", 3)
                                .with("Resources.ReconcileFunction.Properties.Timeout", 8)
                                .with("Resources.ReconcileQueue.Properties.VisibilityTimeout", 8)
                                .with("Resources.ReconcileQueue.Properties.RedrivePolicy.maxReceiveCount", 3),
                        new FunctionCode.Jar(Path.of("target/ingest-function.jar")))
                .withFunction(CloudSettings.RECONCILE, new FunctionCode.Jar(Path.of("target/imaging.jar")))
                .withParameter("MaximumRepairs", 200));
        cloud.onUpload((upload, notified) -> {
            if (upload.bucket().equals(bucket())) {
                UPLOADS.add(upload);
            }
        });
        cloud.onFunctionLog(LOG::add);
        notification = cloud.s3()
                .getBucketNotificationConfiguration(request -> request.bucket(bucket()))
                .topicConfigurations();
    }

    @AfterAll
    static void stop() {
        cloud.close();
    }

    /** Heals the cloud and empties bucket, table and queue of dead letters. */
    @AfterEach
    void cleanUp() {
        cloud.dynamoDbFaults().heal();
        cloud.eventSource().resume();
        cloud.eventSource(CloudSettings.RECONCILE).resume();
        notify(notification);
        awaitNothingWaits();
        cloud.s3().listObjectVersionsPaginator(request -> request.bucket(bucket())).versions().stream()
                .forEach(version -> delete(version.key(), version.versionId()));
        items().forEach(item -> cloud.dynamoDb().deleteItem(request -> request.tableName(output("TableName"))
                .key(Map.of("fileKey", item.get("fileKey"), "uploadId", item.get("uploadId")))));
        cloud.sqs().purgeQueue(request -> request.queueUrl(output("ReconcileDeadLetterQueueUrl")));
        UPLOADS.clear();
        LOG.clear();
    }

    @Test
    void exactlyWhatS3DidNotNotifyIsRepairedAndItsLateNotificationReplacesTheRepair() {
        uploadMany("notified", 50);
        awaitRecords(50);
        List<UploadedObject> missed = unnotified(() -> {
            upload("ward 7/patient-0001_a b+c%20d.dcm");
            upload("Größe/patient-0002_Übersicht 🩻.DCM");
            upload("100%/patient-0003_(1)&x=y;z,~!'*\".dcm");
            upload("ward 7/patient-0001_a b+c%20d.dcm"); // a second version
            upload("scan-without-patient.dcm");
            upload("patient-0004.Dcm"); // no upload for the pipeline
        });

        JsonNode totals = reconcile();

        assertThat(totals.get("ReconciledRows").asInt()).isEqualTo(50 + 5);
        assertCounts(totals, 4, 4);
        assertThat(totals.get("ObjectsWithoutPatientId").asInt()).isEqualTo(1);
        assertThat(repairs()).hasSize(4).noneMatch(item -> item.containsKey("sequencer"));

        missed.forEach(ReconcileIT::notifyLate);

        await().atMost(PATIENCE).until(() -> repairs().isEmpty());
        assertThatTheTableIsAsIfNothingHadBeenMissed();
    }

    @Test
    void whatIsOnItsWayIsNoFalseAlarmWithinTheCutOff() {
        cloud.eventSource().pause();
        uploadMany("waiting", 30);

        // Within the cut-off: the messages of all these uploads may still be on their way.
        deliver(Instant.now());
        assertCounts(awaitTotals(), 0, 0);
        assertThat(items()).isEmpty();

        // Beyond it they count as missing. Their notifications replace the repairs all the same.
        assertCounts(reconcile(), 30, 30);
        assertThat(repairs()).hasSize(30);
        cloud.eventSource().resume();
        await().atMost(PATIENCE).until(() -> repairs().isEmpty());
        assertThatTheTableIsAsIfNothingHadBeenMissed();
    }

    @Test
    void uploadsOverwritesAndDeletionsDuringTheComparisonAreNoFalseAlarm() {
        uploadMany("stays", 10);
        uploadMany("changes", 10);
        uploadMany("goes", 10);
        awaitRecords(30);
        cloud.eventSource(CloudSettings.RECONCILE).pause();
        deliver();

        UPLOADS.stream()
                .filter(upload -> upload.key().startsWith("goes/"))
                .forEach(upload -> delete(upload.key(), upload.versionId().orElseThrow()));
        cloud.s3().deleteObject(request -> request.bucket(bucket()).key("stays/patient-00001_series.dcm"));
        uploadMany("changes", 10);
        uploadMany("comes", 10);
        cloud.eventSource(CloudSettings.RECONCILE).resume();

        JsonNode totals = awaitTotals();
        assertThat(totals.get("ReconciledRows").asInt()).isEqualTo(30);
        assertCounts(totals, 0, 0);
        awaitRecords(50);
        assertThatTheTableIsAsIfNothingHadBeenMissed();

        totals = reconcile();
        assertThat(totals.get("ReconciledRows").asInt()).isEqualTo(40);
        assertCounts(totals, 0, 0);
    }

    @Test
    void aManifestThatIsDeliveredTwiceAndADataFileThatComesLateAreComparedInTheEnd() {
        unnotified(() -> uploadMany("missed", 45));
        cloud.eventSource(CloudSettings.RECONCILE).pause();
        deliver();
        String file = inventoryKeys(".csv.gz").getLast();
        byte[] data = read(file);
        cloud.s3().deleteObject(request -> request.bucket(output("InventoryBucketName"))
                .key(file));
        String checksum = inventoryKeys("manifest.checksum").getLast();
        write(checksum, read(checksum)); // S3 notifies again
        cloud.eventSource(CloudSettings.RECONCILE).resume();

        await().atMost(PATIENCE).until(() -> logged("data-file-missing"));
        write(file, data);

        assertCounts(awaitTotals(), 45, 45);
        awaitNothingWaits();
        assertThat(repairs()).hasSize(45);
        assertThat(messages("ReconcileDeadLetterQueueUrl")).isZero();
    }

    @Test
    void aDataFileThatWasChangedIsRefusedAndTheNextInventoryCompletes() {
        unnotified(() -> uploadMany("missed", 15));
        cloud.eventSource(CloudSettings.RECONCILE).pause();
        deliver();
        write(inventoryKeys(".csv.gz").getLast(), new byte[] {1, 2, 3});
        cloud.eventSource(CloudSettings.RECONCILE).resume();

        await().atMost(PATIENCE).until(() -> messages("ReconcileDeadLetterQueueUrl") == 1);
        assertThat(logged("data-file-checksum-wrong")).isTrue();
        assertThat(LOG).noneMatch(line -> line.contains("missed/") || line.contains("patient-"));
        assertThat(items()).isEmpty();

        assertCounts(reconcile(), 15, 15);
    }

    @Test
    void theFunctionIsKilledWhileTheTableThrottlesAndLosesAnswers() {
        unnotified(() -> uploadMany("missed", 120));
        cloud.dynamoDbFaults().inject(Fault.ANSWER_LOST, 1, "BatchGetItem", "PutItem");
        long calls = cloud.dynamoDbFaults().calls("BatchGetItem");
        deliver();
        await().atMost(PATIENCE).until(() -> cloud.dynamoDbFaults().calls("BatchGetItem") > calls);
        assertThat(cloud.function(CloudSettings.RECONCILE).killOne()).isTrue();

        cloud.dynamoDbFaults().heal();
        cloud.dynamoDbFaults().inject(Fault.UNPROCESSED_ITEMS, 0.5);
        cloud.dynamoDbFaults().inject(Fault.THROTTLED, 0.2);
        cloud.dynamoDbFaults().inject(Fault.ANSWER_LOST, 0.1, "BatchGetItem", "PutItem");

        assertCounts(awaitTotals(), 120, 120);
        assertThat(repairs()).hasSize(120);
        assertThat(items()).hasSize(120);
    }

    @Test
    void moreThanTheCeilingAreNotRepaired() {
        unnotified(() -> uploadMany("missed", 230));

        JsonNode totals = reconcile();

        assertCounts(totals, 230, 200);
        assertThat(totals.get("RepairCeilingReached").asInt()).isEqualTo(1);
        assertThat(items()).hasSize(200);
        // The next inventory repairs the others.
        assertCounts(reconcile(), 30, 30);
    }

    /** Delivers an inventory that was begun after the cut-off, and returns the totals at its end. */
    private static JsonNode reconcile() {
        deliver();
        return awaitTotals();
    }

    private static void deliver() {
        deliver(Instant.now().plus(Duration.ofHours(3)));
    }

    /** Each inventory has a minute of its own in its name. */
    private static void deliver(Instant began) {
        LOG.clear();
        cloud.inventory(began.plus(Duration.ofMinutes(++inventories)), ROWS);
    }

    /** The metrics of the invocation that came to the end of an inventory. */
    private static JsonNode awaitTotals() {
        await().atMost(PATIENCE).until(() -> logged("\"InventoriesReconciled\":1"));
        return LOG.stream()
                .filter(line -> line.contains("\"InventoriesReconciled\":1"))
                .findFirst()
                .map(ReconcileIT::json)
                .orElseThrow();
    }

    private static void assertCounts(JsonNode totals, int missing, int repaired) {
        assertThat(totals.get("MissingUploads").asInt()).as("missing").isEqualTo(missing);
        assertThat(totals.get("RepairedUploads").asInt()).as("repaired").isEqualTo(repaired);
        assertThat(totals.get("MismatchedUploads").asInt()).as("mismatched").isZero();
    }

    private static void assertThatTheTableIsAsIfNothingHadBeenMissed() {
        assertThat(items())
                .containsExactlyInAnyOrderElementsOf(
                        UPLOADS.stream().flatMap(ReconcileIT::record).toList());
    }

    /** The record that an upload's notification gives; none without a patient ID. */
    private static Stream<Map<String, AttributeValue>> record(UploadedObject upload) {
        Matcher name = PATIENT.matcher(upload.key().substring(upload.key().lastIndexOf('/') + 1));
        String versionId = upload.versionId().orElseThrow();
        return name.matches()
                ? Stream.of(Map.of(
                        "fileKey", AttributeValue.fromS(upload.key()),
                        "uploadId", AttributeValue.fromS(versionId),
                        "bucketName", AttributeValue.fromS(upload.bucket()),
                        "fileSize", AttributeValue.fromN(Long.toString(upload.size())),
                        "uploadTimestamp", AttributeValue.fromS(TIME.format(upload.time())),
                        "patientId", AttributeValue.fromS(name.group(1)),
                        "eTag", AttributeValue.fromS(upload.eTag()),
                        "versionId", AttributeValue.fromS(versionId),
                        "sequencer", AttributeValue.fromS(upload.sequencer())))
                : Stream.empty();
    }

    /** Makes uploads while the bucket has no notification, and returns them. */
    private static List<UploadedObject> unnotified(Runnable uploading) {
        int already = UPLOADS.size();
        notify(List.of());
        uploading.run();
        notify(notification);
        return List.copyOf(UPLOADS.subList(already, UPLOADS.size()));
    }

    private static void notify(List<TopicConfiguration> configurations) {
        cloud.s3().putBucketNotificationConfiguration(request -> request.bucket(bucket())
                .notificationConfiguration(NotificationConfiguration.builder()
                        .topicConfigurations(configurations)
                        .build()));
    }

    /** Publishes the notification of an upload, if S3's filters let it pass. */
    private static void notifyLate(UploadedObject upload) {
        if (upload.key().endsWith(".dcm") || upload.key().endsWith(".DCM")) {
            cloud.topic(output("TopicArn")).publish(BucketEvents.objectCreated(upload, LocalCloud.REGION, "late"));
        }
    }

    private static void uploadMany(String ward, int count) {
        IntStream.range(0, count).forEach(number -> upload("%s/patient-%05d_series.dcm".formatted(ward, number)));
    }

    private static void upload(String key) {
        cloud.s3().putObject(request -> request.bucket(bucket()).key(key), RequestBody.fromString(key));
    }

    private static void delete(String key, String versionId) {
        cloud.s3().deleteObject(request -> request.bucket(bucket()).key(key).versionId(versionId));
    }

    private static void awaitRecords(int count) {
        await().atMost(PATIENCE).until(() -> items().size() == count);
    }

    private static void awaitNothingWaits() {
        await().atMost(PATIENCE).until(() -> messages("QueueUrl") == 0 && messages("ReconcileQueueUrl") == 0);
    }

    private static List<Map<String, AttributeValue>> repairs() {
        return items().stream().filter(item -> item.containsKey("recordedBy")).toList();
    }

    private static List<Map<String, AttributeValue>> items() {
        return cloud
                .dynamoDb()
                .scanPaginator(request -> request.tableName(output("TableName")).consistentRead(true))
                .items()
                .stream()
                .toList();
    }

    /** The keys in the inventory bucket that end so, the oldest first. */
    private static List<String> inventoryKeys(String suffix) {
        return cloud
                .s3()
                .listObjectsV2Paginator(request -> request.bucket(output("InventoryBucketName")))
                .contents()
                .stream()
                .filter(object -> object.key().endsWith(suffix))
                .sorted(Comparator.comparing(S3Object::lastModified))
                .map(S3Object::key)
                .toList();
    }

    private static byte[] read(String inventoryKey) {
        return cloud.s3()
                .getObjectAsBytes(
                        request -> request.bucket(output("InventoryBucketName")).key(inventoryKey))
                .asByteArray();
    }

    private static void write(String inventoryKey, byte[] content) {
        cloud.s3()
                .putObject(
                        request -> request.bucket(output("InventoryBucketName")).key(inventoryKey),
                        RequestBody.fromBytes(content));
    }

    /** Visible, in flight and delayed messages of a queue. */
    private static int messages(String output) {
        return cloud
                .sqs()
                .getQueueAttributes(request -> request.queueUrl(output(output)).attributeNames(QueueAttributeName.ALL))
                .attributes()
                .entrySet()
                .stream()
                .filter(attribute -> attribute.getKey().toString().startsWith("ApproximateNumberOfMessages"))
                .mapToInt(attribute -> Integer.parseInt(attribute.getValue()))
                .sum();
    }

    private static String bucket() {
        return output("BucketName");
    }

    private static String output(String name) {
        return cloud.outputs().get(name);
    }

    private static JsonNode json(String line) {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean logged(String text) {
        return LOG.stream().anyMatch(line -> line.contains(text));
    }
}
