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
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * Uploads to the embedded cloud, with the handler in this JVM and another pattern than the default. It ends as soon as
 * nothing more can happen, so a mistake costs no waiting.
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

    /** What went wrong; empty if each upload has its record, in the table and in the index. */
    static List<String> problems(Template template) {
        FunctionCode inProcess = new FunctionCode.InProcess(environment -> new IngestHandler(
                environment, LocalClients.dynamoDb(URI.create(environment.get("AWS_ENDPOINT_URL_DYNAMODB")))));
        CloudSettings settings = CloudSettings.of(template, inProcess).withParameter("PatientIdPattern", PATTERN);
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
            if (!notified) {
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
        return List.copyOf(problems);
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
