package io.datastream.imaging.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.datastream.imaging.local.LocalCloud;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * The pipeline under test, from outside: objects go in, records and dead letters come out. Each upload is kept with the
 * record that it must get. All keys of an instance are in a folder of their own, so that tests on one pipeline do not
 * meet each other's uploads and dead letters.
 */
final class PipelineUnderTest {

    private static final int PART_BYTES = 5 << 20;

    /** Long enough to look at every message in the DLQ; the messages of others are given back before. */
    private static final int DEAD_LETTER_LEASE_SECONDS = 30;

    /**
     * One upload and what its record must say.
     *
     * @param versionId null if the bucket gave none
     */
    private record Upload(
            String key,
            String patientId,
            long size,
            String eTag,
            @Nullable String versionId,
            Instant before,
            Instant after) {

        /** Whether a record of the key is this upload's, as far as the record has what tells uploads apart. */
        boolean owns(Map<String, AttributeValue> record) {
            AttributeValue version = record.get("versionId");
            AttributeValue tag = record.get("eTag");
            return (version == null || versionId == null || version.s().equals(versionId))
                    && (version != null || tag == null || tag.s().equals(eTag));
        }
    }

    private final S3Client s3;
    private final SqsClient sqs;
    private final DynamoDbClient dynamoDb;
    private final Map<String, String> outputs;
    private final boolean embedded;
    private final Supplier<List<String>> problems;
    private final long recordsBefore;
    private final String folder = "test-" + UUID.randomUUID().toString().substring(0, 8);
    private final List<Upload> uploads = new ArrayList<>();
    private final List<Map.Entry<String, String>> storedVersions = new ArrayList<>();

    /**
     * @param embedded whether it is the embedded cloud, whose events have everything that an event can have
     * @param problems what was not delivered so far, if the cloud reports it
     */
    private PipelineUnderTest(
            S3Client s3,
            SqsClient sqs,
            DynamoDbClient dynamoDb,
            Map<String, String> outputs,
            boolean embedded,
            Supplier<List<String>> problems) {
        this.s3 = s3;
        this.sqs = sqs;
        this.dynamoDb = dynamoDb;
        this.outputs = outputs;
        this.embedded = embedded;
        this.problems = problems;
        this.recordsBefore = recordCount();
    }

    /**
     * A deployed pipeline: endpoint, Region and credentials are the SDK's own settings; the endpoint can also be the
     * property {@value Endpoint#PROPERTY}.
     *
     * @param outputs file of {@code aws cloudformation describe-stacks}, or of its outputs
     */
    static PipelineUnderTest deployed(Path outputs) throws IOException {
        Map<String, String> values = new HashMap<>();
        JsonNode file = new ObjectMapper().readTree(outputs.toFile());
        for (JsonNode output : file.isArray() ? file : file.at("/Stacks/0/Outputs")) {
            values.put(
                    output.get("OutputKey").asText(), output.get("OutputValue").asText());
        }
        return at(Endpoint.ofProperty(), values);
    }

    /** A pipeline that is deployed at an endpoint. */
    static PipelineUnderTest at(Endpoint endpoint, Map<String, String> outputs) {
        return new PipelineUnderTest(endpoint.s3(), endpoint.sqs(), endpoint.dynamoDb(), outputs, false, List::of);
    }

    static PipelineUnderTest of(LocalCloud cloud) {
        return new PipelineUnderTest(cloud.s3(), cloud.sqs(), cloud.dynamoDb(), cloud.outputs(), true, cloud::problems);
    }

    /** Uploads a file of which a record must come. */
    void upload(String name, String patientId, byte[] content) {
        put(folder + "/" + name, patientId, content);
    }

    void upload(String name, String patientId) {
        upload(name, patientId, new byte[] {1, 2, 3});
    }

    /** Uploads a file whose key has no folder, of which a record must come. */
    void uploadToRoot(String nameWithoutSuffix, String patientId) {
        put(nameWithoutSuffix + "_" + folder + ".dcm", patientId, new byte[] {1});
    }

    /** Uploads small files of patients of their own. */
    void uploadMany(String ward, int count) {
        IntStream.range(0, count)
                .forEach(number ->
                        upload("%s/patient-%05d_series.dcm".formatted(ward, number), "%05d".formatted(number)));
    }

    private void put(String key, String patientId, byte[] content) {
        Instant before = Instant.now();
        PutObjectResponse put =
                s3.putObject(request -> request.bucket(bucket()).key(key), RequestBody.fromBytes(content));
        expect(key, patientId, content.length, put.eTag(), put.versionId(), before);
    }

    /** Uploads a file in several parts of which a record must come. */
    void uploadInParts(String name, String patientId, byte[] content) {
        String key = folder + "/" + name;
        Instant before = Instant.now();
        String upload = s3.createMultipartUpload(
                        request -> request.bucket(bucket()).key(key))
                .uploadId();
        List<CompletedPart> parts = new ArrayList<>();
        for (int from = 0; from < content.length; from += PART_BYTES) {
            int number = parts.size() + 1;
            RequestBody part = RequestBody.fromBytes(
                    Arrays.copyOfRange(content, from, Math.min(from + PART_BYTES, content.length)));
            String eTag = s3.uploadPart(
                            request -> request.bucket(bucket())
                                    .key(key)
                                    .uploadId(upload)
                                    .partNumber(number),
                            part)
                    .eTag();
            parts.add(CompletedPart.builder().partNumber(number).eTag(eTag).build());
        }
        var completed = s3.completeMultipartUpload(request -> request.bucket(bucket())
                .key(key)
                .uploadId(upload)
                .multipartUpload(multipart -> multipart.parts(parts)));
        expect(key, patientId, content.length, completed.eTag(), completed.versionId(), before);
    }

    /** Uploads a file of which no record must come. */
    void uploadUnrecorded(String name) {
        String key = folder + "/" + name;
        PutObjectResponse put =
                s3.putObject(request -> request.bucket(bucket()).key(key), RequestBody.fromBytes(new byte[] {1}));
        stored(key, put.versionId());
    }

    private void expect(
            String key, String patientId, long size, String eTag, @Nullable String versionId, Instant before) {
        stored(key, versionId);
        uploads.add(new Upload(key, patientId, size, eTag.replace("\"", ""), versionId, before, Instant.now()));
    }

    private void stored(String key, @Nullable String versionId) {
        storedVersions.add(Map.entry(key, versionId == null ? "" : versionId));
    }

    /** Waits until every upload has its record, and checks each of them and that nothing was undelivered. */
    void awaitAllRecorded(Duration patience) {
        await().atMost(patience).pollInterval(Duration.ofMillis(200)).untilAsserted(() -> assertThat(
                        uploads.stream().filter(this::isMissing).count())
                .as("uploads of %s without a record", uploads.size())
                .isZero());
        uploads.forEach(this::checkRecord);
        assertThat(problems.get()).as("undelivered").isEmpty();
    }

    /** Checks that the table got no records but those of the uploads. */
    void checkNoOtherRecords() {
        assertThat(recordCount() - recordsBefore).as("new records in the table").isEqualTo(uploads.size());
    }

    /** Checks that a file has no record. */
    void checkNoRecord(String name) {
        assertThat(records(folder + "/" + name)).isEmpty();
    }

    private boolean isMissing(Upload upload) {
        return record(upload).isEmpty();
    }

    /** Version ID, sequencer and eTag are checked where the event had them: not all services send them. */
    private void checkRecord(Upload upload) {
        Map<String, AttributeValue> record = new HashMap<>(record(upload).orElseThrow());
        if (embedded) {
            assertThat(record).containsKeys("versionId", "sequencer", "eTag");
        }
        String time = Objects.requireNonNull(record.remove("uploadTimestamp")).s();
        assertThat(time).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
        assertThat(Instant.parse(time))
                .isBetween(upload.before().minusSeconds(1), upload.after().plusSeconds(1));
        String eTag = text(record.remove("eTag"));
        assertThat(eTag).isIn(null, upload.eTag());
        String sequencer = text(record.remove("sequencer"));
        if (sequencer != null) {
            assertThat(sequencer).matches("[0-9A-Fa-f]+");
        }
        String versionId = text(record.remove("versionId"));
        assertThat(versionId).isIn(null, upload.versionId());
        String uploadId = text(record.remove("uploadId"));
        if (versionId != null) {
            assertThat(uploadId).isEqualTo(versionId);
        } else if (sequencer != null) {
            assertThat(uploadId).startsWithIgnoringCase(sequencer).hasSize(32);
        } else {
            assertThat(uploadId).isEqualTo(time + "#" + (eTag == null ? "" : eTag));
        }
        assertThat(record)
                .isEqualTo(Map.of(
                        "fileKey", AttributeValue.fromS(upload.key()),
                        "bucketName", AttributeValue.fromS(bucket()),
                        "fileSize", AttributeValue.fromN(Long.toString(upload.size())),
                        "patientId", AttributeValue.fromS(upload.patientId())));
    }

    private static @Nullable String text(@Nullable AttributeValue value) {
        return value == null ? null : value.s();
    }

    private Optional<Map<String, AttributeValue>> record(Upload upload) {
        return records(upload.key()).stream().filter(upload::owns).findFirst();
    }

    private List<Map<String, AttributeValue>> records(String key) {
        return dynamoDb.query(request -> request.tableName(table())
                        .keyConditionExpression("fileKey = :key")
                        .expressionAttributeValues(Map.of(":key", AttributeValue.fromS(key)))
                        .consistentRead(true))
                .items();
    }

    private long recordCount() {
        return dynamoDb.scanPaginator(request -> request.tableName(table())).stream()
                .mapToLong(page -> page.count())
                .sum();
    }

    /** Waits until a message of this test is in the DLQ; removes it and returns its body. */
    String awaitDeadLetter(Duration patience) {
        List<String> own = new ArrayList<>();
        await().atMost(patience).pollInterval(Duration.ofMillis(500)).until(() -> {
            own.addAll(takeDeadLetters().own());
            return !own.isEmpty();
        });
        assertThat(own).as("dead letters of this test").hasSize(1);
        return own.getFirst();
    }

    /** Waits until the queue is empty, and checks that no message of this test is in the DLQ. */
    void awaitNothingLeft(Duration patience) {
        await().atMost(patience).pollInterval(Duration.ofMillis(200)).until(() -> messages(queueUrl()) == 0);
        assertThat(takeDeadLetters().own()).as("dead letters of this test").isEmpty();
    }

    /**
     * The messages in the DLQ.
     *
     * @param own the bodies of those of this test
     * @param others how many others there are
     */
    private record DeadLetters(List<String> own, int others) {}

    /** Removes this test's messages from the DLQ, and gives those of others back. */
    private DeadLetters takeDeadLetters() {
        List<String> own = new ArrayList<>();
        List<String> handlesOfOthers = new ArrayList<>();
        List<Message> messages = receiveDeadLetters();
        while (!messages.isEmpty()) {
            for (Message message : messages) {
                if (message.body().contains(folder)) {
                    own.add(message.body());
                    sqs.deleteMessage(
                            request -> request.queueUrl(deadLetterQueueUrl()).receiptHandle(message.receiptHandle()));
                } else {
                    handlesOfOthers.add(message.receiptHandle());
                }
            }
            messages = receiveDeadLetters();
        }
        handlesOfOthers.forEach(handle -> sqs.changeMessageVisibility(request ->
                request.queueUrl(deadLetterQueueUrl()).receiptHandle(handle).visibilityTimeout(0)));
        return new DeadLetters(own, handlesOfOthers.size());
    }

    private List<Message> receiveDeadLetters() {
        return sqs.receiveMessage(request -> request.queueUrl(deadLetterQueueUrl())
                        .maxNumberOfMessages(10)
                        .visibilityTimeout(DEAD_LETTER_LEASE_SECONDS))
                .messages();
    }

    /**
     * Removes this test's dead letters; at an endpoint its objects and records too. Says what else is in the DLQ, as a
     * pipeline that others use may have dead letters of its own.
     */
    void cleanUp() {
        DeadLetters left = takeDeadLetters();
        if (left.others() > 0) {
            System.out.println("the DLQ has " + left.others() + " messages that this test did not cause");
        }
        if (!embedded) {
            storedVersions.forEach(stored -> s3.deleteObject(request -> request.bucket(bucket())
                    .key(stored.getKey())
                    .versionId(stored.getValue().isEmpty() ? null : stored.getValue())));
            uploads.stream().map(Upload::key).distinct().forEach(key -> records(key)
                    .forEach(record -> dynamoDb.deleteItem(request -> request.tableName(table())
                            .key(Map.of("fileKey", record.get("fileKey"), "uploadId", record.get("uploadId"))))));
            s3.close();
            sqs.close();
            dynamoDb.close();
        }
        assertThat(left.own()).as("dead letters that the test did not expect").isEmpty();
    }

    /** Visible, in flight and delayed. */
    private int messages(String queueUrl) {
        return sqs
                .getQueueAttributes(request -> request.queueUrl(queueUrl).attributeNames(QueueAttributeName.ALL))
                .attributes()
                .entrySet()
                .stream()
                .filter(attribute -> attribute.getKey().toString().startsWith("ApproximateNumberOfMessages"))
                .mapToInt(attribute -> Integer.parseInt(attribute.getValue()))
                .sum();
    }

    private String bucket() {
        return outputs.get("BucketName");
    }

    private String table() {
        return outputs.get("TableName");
    }

    private String queueUrl() {
        return outputs.get("QueueUrl");
    }

    private String deadLetterQueueUrl() {
        return outputs.get("DeadLetterQueueUrl");
    }
}
