package io.datastream.imaging.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.Event;
import software.amazon.awssdk.services.s3.model.FilterRule;
import software.amazon.awssdk.services.s3.model.FilterRuleName;
import software.amazon.awssdk.services.s3.model.GetBucketNotificationConfigurationResponse;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.TopicConfiguration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LocalS3Test {
    private static final String TOPIC = "arn:aws:sns:us-east-1:000000000000:uploads";
    /** Sent to the topic because of a notification that was put through the API. */
    private static final List<JsonNode> PUT_MESSAGES = new CopyOnWriteArrayList<>();

    private static LocalS3 server;
    private static S3Client s3;

    private final String bucket = "bucket-" + UUID.randomUUID();
    private final List<JsonNode> messages = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void start() {
        server = new LocalS3(0, "us-east-1", (bucket, arn) -> {
            if (!arn.equals(TOPIC)) {
                throw new IllegalArgumentException("Unable to validate " + arn);
            }
            return message -> PUT_MESSAGES.add(JsonMapper.shared().readTree(message));
        });
        s3 = LocalClients.s3(server.endpoint());
    }

    @AfterAll
    static void stop() {
        s3.close();
        server.close();
    }

    @BeforeEach
    void createBucket() {
        server.createBucket(s3, bucket, true);
    }

    @ParameterizedTest
    @CsvSource({
        "a/patient-1.dcm, a/patient-1.dcm",
        "red flower.dcm, red+flower.dcm",
        "a+b.dcm, a%2Bb.dcm",
        "100%.dcm, 100%25.dcm",
        "%2F.dcm, %252F.dcm",
        "größe.dcm, gr%C3%B6%C3%9Fe.dcm",
        "\uD83D\uDE00.dcm, %F0%9F%98%80.dcm",
        "(1)=&~*-_.dcm, %281%29%3D%26%7E*-_.dcm",
    })
    void theKeyIsFormEncoded(String key, String encoded) {
        notify(notification("", ".dcm", "s3:ObjectCreated:*"));

        put(key, "x");

        assertThat(events()).singleElement().satisfies(event -> assertThat(
                        event.at("/s3/object/key").asString())
                .isEqualTo(encoded));
    }

    @Test
    void anEventHasTheShapeThatAwsGivesIt() {
        notify(notification("", "", "s3:ObjectCreated:*"));

        PutObjectResponse put = put("patient-1.dcm", "hello");

        JsonNode event = events().getFirst();
        assertThat(event.at("/eventVersion").asString()).isEqualTo("2.1");
        assertThat(event.at("/eventSource").asString()).isEqualTo("aws:s3");
        assertThat(event.at("/awsRegion").asString()).isEqualTo("us-east-1");
        assertThat(event.at("/eventTime").asString()).matches("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{3}Z");
        assertThat(event.at("/eventName").asString()).isEqualTo("ObjectCreated:Put");
        assertThat(event.at("/s3/s3SchemaVersion").asString()).isEqualTo("1.0");
        assertThat(event.at("/s3/configurationId").asString()).isEqualTo("id");
        assertThat(event.at("/s3/bucket/name").asString()).isEqualTo(bucket);
        assertThat(event.at("/s3/bucket/arn").asString()).isEqualTo("arn:aws:s3:::" + bucket);
        assertThat(event.at("/s3/object/size").asLong()).isEqualTo(5);
        assertThat(event.at("/s3/object/eTag").asString()).isEqualTo("5d41402abc4b2a76b9719d911017c592");
        assertThat(event.at("/s3/object/versionId").asString()).isEqualTo(put.versionId());
        assertThat(event.at("/s3/object/sequencer").asString()).matches("[0-9A-F]{18}");
    }

    @Test
    void aBucketWithoutVersioningGivesNoVersionId() {
        String unversioned = "unversioned-" + UUID.randomUUID();
        server.createBucket(s3, unversioned, false);
        server.setNotification(unversioned, List.of(notification("", "", "s3:ObjectCreated:*")));

        s3.putObject(request -> request.bucket(unversioned).key("a"), RequestBody.fromString("x"));

        assertThat(events().getFirst().at("/s3/object").has("versionId")).isFalse();
    }

    @Test
    void copiesAndMultipartUploadsAreToldWithTheirOwnSizeAndTag() {
        notify(notification("", ".dcm", "s3:ObjectCreated:*"));
        put("a.txt", "hello");

        s3.copyObject(request -> request.sourceBucket(bucket)
                .sourceKey("a.txt")
                .destinationBucket(bucket)
                .destinationKey("copy.dcm"));
        String eTag = putInParts("parts.dcm", 5 << 20, 3);

        assertThat(events()).hasSize(2);
        assertThat(events().get(0).at("/eventName").asString()).isEqualTo("ObjectCreated:Copy");
        assertThat(events().get(0).at("/s3/object/size").asLong()).isEqualTo(5);
        assertThat(events().get(1).at("/eventName").asString()).isEqualTo("ObjectCreated:CompleteMultipartUpload");
        assertThat(events().get(1).at("/s3/object/size").asLong()).isEqualTo((5 << 20) + 3);
        assertThat(events().get(1).at("/s3/object/eTag").asString())
                .isEqualTo(eTag.replace("\"", ""))
                .endsWith("-2");
    }

    @Test
    void theSequencerGrows() {
        notify(notification("", "", "s3:ObjectCreated:*"));

        for (int i = 0; i < 20; i++) {
            put("same.dcm", "x" + i);
        }

        assertThat(events())
                .extracting(event -> event.at("/s3/object/sequencer").asString())
                .isSorted()
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @CsvSource({
        "in/, .dcm, s3:ObjectCreated:*, in/a.dcm, true",
        "in/, .dcm, s3:ObjectCreated:Put, in/a.dcm, true",
        "in/, .dcm, s3:ObjectCreated:Copy, in/a.dcm, false",
        "in/, .dcm, s3:ObjectCreated:*, in/a.DCM, false",
        "in/, .dcm, s3:ObjectCreated:*, In/a.dcm, false",
        "in/, '', s3:ObjectCreated:*, in/a.txt, true",
        "'', .dcm, s3:ObjectRemoved:*, a.dcm, false",
    })
    void onlyWhatMatchesIsNotified(String prefix, String suffix, String event, String key, boolean notified) {
        List<Boolean> heard = new ArrayList<>();
        server.onUpload((upload, matched) -> {
            if (upload.bucket().equals(bucket)) {
                heard.add(matched);
            }
        });
        notify(notification(prefix, suffix, event));

        put(key, "x");

        assertThat(heard).containsExactly(notified);
        assertThat(events()).hasSize(notified ? 1 : 0);
    }

    @Test
    void everyMatchingConfigurationGetsAnEvent() {
        notify(notification("", ".dcm", "s3:ObjectCreated:Put"), notification("", ".dcm", "s3:ObjectCreated:Copy"));

        put("a.dcm", "x");

        assertThat(events()).hasSize(1);
    }

    @Test
    void overlappingConfigurationsAreRefusedAsByS3() {
        assertThatThrownBy(() -> notify(
                        notification("", ".dcm", "s3:ObjectCreated:*"),
                        notification("in/", "m", "s3:ObjectCreated:Put")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aNewNotificationIsTestedWithAnEvent() {
        notify(notification("", ".dcm", "s3:ObjectCreated:*"));

        assertThat(messages).singleElement().satisfies(message -> {
            assertThat(message.at("/Service").asString()).isEqualTo("Amazon S3");
            assertThat(message.at("/Event").asString()).isEqualTo("s3:TestEvent");
            assertThat(message.at("/Bucket").asString()).isEqualTo(bucket);
        });
    }

    @Test
    void aPortThatIsTakenIsNamed() {
        int taken = server.endpoint().getPort();

        assertThatThrownBy(() -> new LocalS3(taken, "us-east-1", (bucket, arn) -> message -> {}))
                .isInstanceOf(PortTakenException.class)
                .hasMessage("port " + taken + " for S3 is taken");
    }

    @Test
    void aBucketHasNoNotificationUntilOneIsPut() {
        GetBucketNotificationConfigurationResponse got =
                s3.getBucketNotificationConfiguration(request -> request.bucket(bucket));

        assertThat(got.topicConfigurations()).isEmpty();
        assertThat(got.queueConfigurations()).isEmpty();
    }

    @Test
    void aNotificationThatIsPutIsInForceAndCanBeRead() {
        putNotification(TOPIC);
        put("in/<&>.dcm", "x");
        put("out/a.dcm", "x");

        assertThat(PUT_MESSAGES.stream().filter(message -> message.toString().contains(bucket)))
                .hasSize(2)
                .anySatisfy(
                        message -> assertThat(message.at("/Event").asString()).isEqualTo("s3:TestEvent"))
                .anySatisfy(message -> assertThat(
                                message.at("/Records/0/s3/configurationId").asString())
                        .isEqualTo("imaging.dcm"));
        assertThat(s3.getBucketNotificationConfiguration(request -> request.bucket(bucket))
                        .topicConfigurations())
                .singleElement()
                .isEqualTo(topicConfiguration(TOPIC));
    }

    @Test
    void aNotificationToAForbiddenOrUnknownDestinationIsRefusedAndTheFormerOneStays() {
        putNotification(TOPIC);

        assertThatThrownBy(() -> putNotification(TOPIC + "-of-others"))
                .isInstanceOf(S3Exception.class)
                .hasMessageContaining("Unable to validate");
        assertThat(s3.getBucketNotificationConfiguration(request -> request.bucket(bucket))
                        .topicConfigurations())
                .singleElement()
                .isEqualTo(topicConfiguration(TOPIC));
    }

    @Test
    void aNotificationOfABucketThatIsNotThereIsRefused() {
        assertThatThrownBy(() -> s3.getBucketNotificationConfiguration(request -> request.bucket("nobodys")))
                .isInstanceOf(NoSuchBucketException.class);
    }

    private static TopicConfiguration topicConfiguration(String topic) {
        return TopicConfiguration.builder()
                .id("imaging.dcm")
                .topicArn(topic)
                .events(Event.S3_OBJECT_CREATED)
                .filter(filter -> filter.key(key -> key.filterRules(
                        FilterRule.builder()
                                .name(FilterRuleName.PREFIX)
                                .value("in/<&")
                                .build(),
                        FilterRule.builder()
                                .name(FilterRuleName.SUFFIX)
                                .value(".dcm")
                                .build())))
                .build();
    }

    private void putNotification(String topic) {
        s3.putBucketNotificationConfiguration(request -> request.bucket(bucket)
                .notificationConfiguration(
                        configuration -> configuration.topicConfigurations(topicConfiguration(topic))));
    }

    private BucketNotification notification(String prefix, String suffix, String event) {
        return new BucketNotification(
                "id",
                List.of(event),
                prefix,
                suffix,
                TOPIC,
                message -> messages.add(JsonMapper.shared().readTree(message)));
    }

    private void notify(BucketNotification... notifications) {
        server.setNotification(bucket, List.of(notifications));
    }

    private List<JsonNode> events() {
        return messages.stream()
                .filter(message -> message.has("Records"))
                .map(message -> message.at("/Records/0"))
                .toList();
    }

    private PutObjectResponse put(String key, String content) {
        return s3.putObject(request -> request.bucket(bucket).key(key), RequestBody.fromString(content));
    }

    private String putInParts(String key, int... sizes) {
        String uploadId = s3.createMultipartUpload(
                        request -> request.bucket(bucket).key(key))
                .uploadId();
        List<CompletedPart> parts = new ArrayList<>();
        for (int size : sizes) {
            int number = parts.size() + 1;
            String eTag = s3.uploadPart(
                            part -> part.bucket(bucket)
                                    .key(key)
                                    .uploadId(uploadId)
                                    .partNumber(number),
                            RequestBody.fromBytes(new byte[size]))
                    .eTag();
            parts.add(CompletedPart.builder().partNumber(number).eTag(eTag).build());
        }
        return s3.completeMultipartUpload(request -> request.bucket(bucket)
                        .key(key)
                        .uploadId(uploadId)
                        .multipartUpload(upload -> upload.parts(parts)))
                .eTag();
    }
}
