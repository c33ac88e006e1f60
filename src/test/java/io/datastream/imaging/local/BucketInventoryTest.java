package io.datastream.imaging.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import io.datastream.imaging.local.template.Template;
import io.datastream.imaging.local.template.TemplateException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.S3Object;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BucketInventoryTest {
    private static final Template TEMPLATE = Template.parse(
            """
            Resources:
              Bucket:
                Type: AWS::S3::Bucket
                Properties:
                  BucketName: uploads
                  VersioningConfiguration: {Status: Enabled}
                  InventoryConfigurations:
                    - Id: daily
                      Enabled: true
                      ScheduleFrequency: Daily
                      IncludedObjectVersions: All
                      OptionalFields: [Size, LastModifiedDate, ETag]
                      Destination: {BucketArn: !GetAtt InventoryBucket.Arn, Prefix: lists, Format: CSV}
              InventoryBucket:
                Type: AWS::S3::Bucket
                DependsOn: QueuePolicy
                Properties:
                  BucketName: inventories
                  NotificationConfiguration:
                    QueueConfigurations:
                      - Event: s3:ObjectCreated:*
                        Queue: !GetAtt Queue.Arn
                        Filter: {S3Key: {Rules: [{Name: suffix, Value: manifest.checksum}]}}
              Queue: {Type: AWS::SQS::Queue}
              QueuePolicy:
                Type: AWS::SQS::QueuePolicy
                Properties:
                  Queues: [!Ref Queue]
                  PolicyDocument:
                    Statement:
                      - {Effect: Allow, Principal: {Service: s3.amazonaws.com}, Action: 'sqs:SendMessage', Resource: '*'}
              Function: {Type: AWS::Lambda::Function, Properties: {Handler: some.Handler}}
              EventSource:
                Type: AWS::Lambda::EventSourceMapping
                Properties: {FunctionName: !Ref Function, EventSourceArn: !GetAtt Queue.Arn}
              OtherFunction: {Type: AWS::Lambda::Function, Properties: {Handler: other.Handler}}
              OtherEventSource:
                Type: AWS::Lambda::EventSourceMapping
                Properties: {FunctionName: !Ref OtherFunction, EventSourceArn: !GetAtt Queue.Arn}
            """);
    private static final Instant BEGAN = Instant.parse("2026-11-27T01:02:03Z");

    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();

    @Test
    void listsEveryVersionAndNotifiesTheQueueLast() throws Exception {
        try (LocalCloud cloud = start(TEMPLATE)) {
            String first = put(cloud, "ward 7/a+ü.dcm", "one");
            String second = put(cloud, "ward 7/a+ü.dcm", "second");
            String deleted = put(cloud, "b.dcm", "");
            cloud.s3().deleteObject(request -> request.bucket("uploads").key("b.dcm"));

            assertThat(cloud.inventory(BEGAN, 3)).isEqualTo(4);

            byte[] manifest = get(cloud, "lists/uploads/daily/2026-11-27T01-02Z/manifest.json");
            assertThat(new String(
                            get(cloud, "lists/uploads/daily/2026-11-27T01-02Z/manifest.checksum"),
                            StandardCharsets.US_ASCII))
                    .isEqualTo(md5(manifest));
            JsonNode json = JsonMapper.shared().readTree(manifest);
            assertThat(json.get("sourceBucket").asString()).isEqualTo("uploads");
            assertThat(json.get("fileSchema").asString())
                    .isEqualTo("Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag");
            List<String> rows = new ArrayList<>();
            for (JsonNode file : json.get("files")) {
                byte[] data = get(cloud, file.get("key").asString());
                assertThat(file.get("key").asString()).startsWith("lists/uploads/daily/data/");
                assertThat(file.get("MD5checksum").asString()).isEqualTo(md5(data));
                rows.addAll(new String(
                                new GZIPInputStream(new ByteArrayInputStream(data)).readAllBytes(),
                                StandardCharsets.UTF_8)
                        .lines()
                        .toList());
            }
            assertThat(json.get("files")).hasSize(2);
            String secondTag = md5("second".getBytes(StandardCharsets.UTF_8));
            String time = "\"20[0-9-]{8}T[0-9:]{8}\\.[0-9]{3}Z\"";
            assertThat(rows)
                    .hasSize(4)
                    .anyMatch(row -> row.matches("\"uploads\",\"ward\\+7/a%2B%C3%BC\\.dcm\",\"" + second
                            + "\",\"true\",\"false\",\"6\"," + time + ",\"" + secondTag + "\""))
                    .anyMatch(row -> row.contains("\"" + first + "\",\"false\",\"false\",\"3\""))
                    .anyMatch(row -> row.contains("\"" + deleted + "\",\"false\",\"false\",\"0\""))
                    .anyMatch(row ->
                            row.matches("\"uploads\",\"b\\.dcm\",\".+\",\"true\",\"true\",\"\"," + time + ",\"\""));
            assertThat(nextMessage()).contains("2026-11-27T01-02Z/manifest.checksum");
        }
    }

    @Test
    void anEventSourceWhoseFunctionHasNoCodeIsSkippedByName() {
        try (LocalCloud cloud = start(TEMPLATE)) {
            assertThat(cloud.skipped())
                    .containsExactly("OtherEventSource, because the code of its function is not given");
            assertThatThrownBy(() -> cloud.function("OtherFunction"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("OtherFunction");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Enabled, false",
        "IncludedObjectVersions, Current",
        "Destination.Format, ORC",
        "OptionalFields.1, StorageClass",
    })
    void anInventoryThatIsNotEmulatedIsRefused(String property, String value) {
        Template template = TEMPLATE.with("Resources.Bucket.Properties.InventoryConfigurations.0." + property, value);
        try (LocalCloud cloud = start(template)) {
            assertThatThrownBy(() -> cloud.inventory(BEGAN, 1))
                    .isInstanceOf(TemplateException.class)
                    .hasMessageContaining(property.replaceFirst("\\.[0-9]$", ""));
        }
    }

    private LocalCloud start(Template template) {
        return LocalCloud.start(
                CloudSettings.of(template, new FunctionCode.InProcess(environment -> (event, context) -> {
                    event.getRecords().forEach(message -> received.add(message.getBody()));
                    return SQSBatchResponse.builder()
                            .withBatchItemFailures(List.of())
                            .build();
                })));
    }

    private static String put(LocalCloud cloud, String key, String content) {
        return cloud.s3()
                .putObject(request -> request.bucket("uploads").key(key), RequestBody.fromString(content))
                .versionId();
    }

    private static byte[] get(LocalCloud cloud, String key) {
        List<String> keys = cloud.s3().listObjectsV2(request -> request.bucket("inventories")).contents().stream()
                .map(S3Object::key)
                .toList();
        assertThat(keys).contains(key);
        return cloud.s3()
                .getObjectAsBytes(request -> request.bucket("inventories").key(key))
                .asByteArray();
    }

    private static String md5(byte[] content) throws NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(content));
    }

    /** The next message that is not S3's test event. */
    private String nextMessage() throws InterruptedException {
        String body = received.poll(20, TimeUnit.SECONDS);
        return body != null && body.contains("s3:TestEvent") ? received.poll(20, TimeUnit.SECONDS) : body;
    }
}
