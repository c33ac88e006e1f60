package io.datastream.imaging.cloudformation;

import static org.awaitility.Awaitility.await;

import io.datastream.imaging.ingest.IngestHandler;
import io.datastream.imaging.local.CloudSettings;
import io.datastream.imaging.local.FunctionCode;
import io.datastream.imaging.local.LocalClients;
import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.local.template.Template;
import io.datastream.imaging.local.template.TemplateException;
import io.datastream.imaging.metadata.ImageMetadataTable;
import io.datastream.imaging.reconcile.ReconcileHandler;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * Uploads to the embedded cloud, with the handlers in this JVM and another pattern than the default. Then a record is
 * deleted, and an inventory must bring it back. The trial ends as soon as nothing more can happen, so a mistake costs no
 * waiting.
 */
final class UploadTrial {
    private static final String PATTERN = "scan-(?<patientId>[A-Z]+)-[0-9]\\.(?i:dcm)";
    private static final List<String> KEYS = List.of("ward/scan-ABC-1.dcm", "scan-ABC-2.DCM");
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final LocalCloud cloud;
    private final List<String> problems = new CopyOnWriteArrayList<>();

    private UploadTrial(LocalCloud cloud) {
        this.cloud = cloud;
    }

    /** What went wrong; empty if each upload has its record, in table and index, and if a missing one was repaired. */
    static List<String> problems(Template template) {
        FunctionCode inProcess = new FunctionCode.InProcess(environment -> new IngestHandler(
                environment, LocalClients.dynamoDb(URI.create(environment.get("AWS_ENDPOINT_URL_DYNAMODB")))));
        FunctionCode reconcile = new FunctionCode.InProcess(environment -> new ReconcileHandler(
                environment,
                LocalClients.dynamoDb(URI.create(environment.get("AWS_ENDPOINT_URL_DYNAMODB"))),
                LocalClients.s3(URI.create(environment.get("AWS_ENDPOINT_URL_S3"))),
                LocalClients.sqs(URI.create(environment.get("AWS_ENDPOINT_URL_SQS"))),
                InstantSource.system(),
                Thread::sleep));
        CloudSettings settings = CloudSettings.of(template, inProcess)
                .withFunction(CloudSettings.RECONCILE, reconcile)
                .withParameter("PatientIdPattern", PATTERN);
        try (LocalCloud cloud = LocalCloud.start(settings)) {
            return new UploadTrial(cloud).run();
        } catch (TemplateException e) {
            return List.of(e.getMessage());
        }
    }

    private List<String> run() {
        cloud.onFunctionLog(line -> {
            if (!line.isBlank() && !line.contains("\"_aws\"")) {
                problems.add("function: " + line);
            }
        });
        cloud.onUpload((upload, notified) -> {
            if (!notified && KEYS.contains(upload.key())) {
                problems.add("not notified: " + upload.key());
            }
        });
        for (String key : KEYS) {
            cloud.s3()
                    .putObject(
                            request -> request.bucket(cloud.outputs().get("BucketName"))
                                    .key(key),
                            RequestBody.fromString(key));
        }
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> !problems.isEmpty() || !cloud.problems().isEmpty() || nothingIsUnderWay());
        problems.addAll(cloud.problems());
        if (problems.isEmpty()) {
            checkRecords();
        }
        if (problems.isEmpty()) {
            checkReconciliation();
        }
        return List.copyOf(problems);
    }

    private void checkReconciliation() {
        Map<String, AttributeValue> item =
                query(null, ImageMetadataTable.FILE_KEY, KEYS.getFirst()).getFirst();
        cloud.dynamoDb().deleteItem(request -> request.tableName(cloud.outputs().get("TableName"))
                .key(Map.of(
                        ImageMetadataTable.FILE_KEY, item.get(ImageMetadataTable.FILE_KEY),
                        ImageMetadataTable.UPLOAD_ID, item.get(ImageMetadataTable.UPLOAD_ID))));
        cloud.inventory(Instant.now().plus(Duration.ofDays(1)), 1);
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> !problems.isEmpty()
                        || !query(null, ImageMetadataTable.FILE_KEY, KEYS.getFirst())
                                .isEmpty());
    }

    /** A message is in a delivery, then in the queue until the function has written its record. */
    private boolean nothingIsUnderWay() {
        return cloud.pendingDeliveries() == 0
                && cloud
                        .sqs()
                        .getQueueAttributes(
                                request -> request.queueUrl(cloud.outputs().get("QueueUrl"))
                                        .attributeNames(
                                                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                                                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE))
                        .attributes()
                        .values()
                        .stream()
                        .allMatch("0"::equals);
    }

    private void checkRecords() {
        for (String key : KEYS) {
            check("records of a key", query(null, ImageMetadataTable.FILE_KEY, key), List.of(key));
        }
        check(
                "uploads of a patient, in order",
                query(ImageMetadataTable.PATIENT_UPLOADS_INDEX, ImageMetadataTable.PATIENT_ID, "ABC"),
                KEYS);
    }

    private void check(String what, List<Map<String, AttributeValue>> items, List<String> keys) {
        List<String> found = new ArrayList<>();
        for (Map<String, AttributeValue> item : items) {
            found.add(item.get(ImageMetadataTable.FILE_KEY).s());
            if (item.size() != 9) {
                problems.add(what + ": an item has the attributes " + item.keySet());
            }
        }
        if (!found.equals(keys)) {
            problems.add(what + ": " + found);
        }
    }

    private List<Map<String, AttributeValue>> query(String index, String attribute, String value) {
        try {
            return cloud.dynamoDb()
                    .query(request -> request.tableName(cloud.outputs().get("TableName"))
                            .indexName(index)
                            .keyConditionExpression("#attribute = :value")
                            .expressionAttributeNames(Map.of("#attribute", attribute))
                            .expressionAttributeValues(Map.of(":value", AttributeValue.fromS(value))))
                    .items();
        } catch (DynamoDbException e) {
            problems.add("DynamoDB refuses to query by " + attribute + ": "
                    + e.awsErrorDetails().errorMessage());
            return List.of();
        }
    }
}
