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
import java.util.function.Supplier;
import java.util.stream.IntStream;
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
 * record that it must get.
 */
final class PipelineUnderTest {

    private static final int PART_BYTES = 5 << 20;

    /** One upload and the attributes that its record must have; the event's time and sequencer are S3's to choose. */
    private record Upload(Map<String, AttributeValue> attributes, Instant before, Instant after) {

        Map<String, AttributeValue> key() {
            return Map.of("fileKey", attributes.get("fileKey"), "uploadId", attributes.get("uploadId"));
        }
    }

    private final S3Client s3;
    private final SqsClient sqs;
    private final DynamoDbClient dynamoDb;
    private final Map<String, String> outputs;
    private final Supplier<List<String>> problems;
    private final long recordsBefore;
    private final List<Upload> uploads = new ArrayList<>();

    /** @param problems what was not delivered so far, if the cloud reports it */
    private PipelineUnderTest(
            S3Client s3,
            SqsClient sqs,
            DynamoDbClient dynamoDb,
            Map<String, String> outputs,
            Supplier<List<String>> problems) {
        this.s3 = s3;
        this.sqs = sqs;
        this.dynamoDb = dynamoDb;
        this.outputs = outputs;
        this.problems = problems;
        this.recordsBefore = recordCount();
    }

    /**
     * A deployed pipeline: endpoint, Region and credentials are the SDK's own settings.
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
        boolean emulator = System.getenv("AWS_ENDPOINT_URL") != null || System.getenv("AWS_ENDPOINT_URL_S3") != null;
        return new PipelineUnderTest(
                S3Client.builder().forcePathStyle(emulator).build(),
                SqsClient.create(),
                DynamoDbClient.create(),
                values,
                List::of);
    }

    static PipelineUnderTest of(LocalCloud cloud) {
        return new PipelineUnderTest(cloud.s3(), cloud.sqs(), cloud.dynamoDb(), cloud.outputs(), cloud::problems);
    }

    /** Uploads a file of which a record must come. */
    void upload(String key, String patientId, byte[] content) {
        Instant before = Instant.now();
        PutObjectResponse put =
                s3.putObject(request -> request.bucket(bucket()).key(key), RequestBody.fromBytes(content));
        expect(key, patientId, content.length, put.eTag(), put.versionId(), before);
    }

    void upload(String key, String patientId) {
        upload(key, patientId, new byte[] {1, 2, 3});
    }

    /** Uploads small files of patients of their own. */
    void uploadMany(String ward, int count) {
        IntStream.range(0, count)
                .forEach(number ->
                        upload("%s/patient-%05d_series.dcm".formatted(ward, number), "%05d".formatted(number)));
    }

    /** Uploads a file in several parts of which a record must come. */
    void uploadInParts(String key, String patientId, byte[] content) {
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
    void uploadUnrecorded(String key) {
        s3.putObject(request -> request.bucket(bucket()).key(key), RequestBody.fromBytes(new byte[] {1}));
    }

    private void expect(String key, String patientId, long size, String eTag, String versionId, Instant before) {
        Map<String, AttributeValue> attributes = Map.of(
                "fileKey", AttributeValue.fromS(key),
                "uploadId", AttributeValue.fromS(versionId),
                "bucketName", AttributeValue.fromS(bucket()),
                "fileSize", AttributeValue.fromN(Long.toString(size)),
                "patientId", AttributeValue.fromS(patientId),
                "eTag", AttributeValue.fromS(eTag.replace("\"", "")),
                "versionId", AttributeValue.fromS(versionId));
        uploads.add(new Upload(attributes, before, Instant.now()));
    }

    /** Waits until every upload has its record, and checks each of them and that nothing was undelivered. */
    void awaitAllRecorded(Duration patience) {
        await().atMost(patience)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> uploads.stream().filter(this::isMissing).count() == 0L);
        uploads.forEach(this::checkRecord);
        assertThat(problems.get()).as("undelivered").isEmpty();
    }

    /** Checks that the table got no records but those of the uploads. */
    void checkNoOtherRecords() {
        assertThat(recordCount() - recordsBefore).as("new records in the table").isEqualTo(uploads.size());
    }

    private boolean isMissing(Upload upload) {
        return item(upload).isEmpty();
    }

    private void checkRecord(Upload upload) {
        Map<String, AttributeValue> record = new HashMap<>(item(upload));
        String time = Objects.requireNonNull(record.remove("uploadTimestamp")).s();
        assertThat(time).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
        assertThat(Instant.parse(time))
                .isBetween(upload.before().minusSeconds(1), upload.after().plusSeconds(1));
        assertThat(Objects.requireNonNull(record.remove("sequencer")).s()).matches("[0-9A-F]+");
        assertThat(record).isEqualTo(upload.attributes());
    }

    private Map<String, AttributeValue> item(Upload upload) {
        return dynamoDb.getItem(
                        request -> request.tableName(table()).key(upload.key()).consistentRead(true))
                .item();
    }

    private long recordCount() {
        return dynamoDb.scanPaginator(request -> request.tableName(table())).stream()
                .mapToLong(page -> page.count())
                .sum();
    }

    /** Waits until so many messages are in the DLQ, and none anywhere else. */
    void awaitDeadLetters(int count, Duration patience) {
        await().atMost(patience)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> messages(deadLetterQueueUrl()) == count && messages(queueUrl()) == 0);
    }

    /** Waits until the queue is empty, and checks that the DLQ is, too. */
    void awaitNothingLeft(Duration patience) {
        await().atMost(patience).pollInterval(Duration.ofMillis(200)).until(() -> messages(queueUrl()) == 0);
        assertThat(messages(deadLetterQueueUrl())).as("messages in the DLQ").isZero();
    }

    /** Removes up to ten messages from the DLQ and returns their bodies. */
    List<String> takeDeadLetters() {
        List<Message> messages = sqs.receiveMessage(
                        request -> request.queueUrl(deadLetterQueueUrl()).maxNumberOfMessages(10))
                .messages();
        messages.forEach(message -> sqs.deleteMessage(
                request -> request.queueUrl(deadLetterQueueUrl()).receiptHandle(message.receiptHandle())));
        return messages.stream().map(Message::body).toList();
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
