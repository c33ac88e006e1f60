package io.datastream.imaging.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.datastream.imaging.local.CloudSettings;
import io.datastream.imaging.local.FunctionCode;
import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.local.template.Template;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.Event;
import software.amazon.awssdk.services.s3.model.FilterRule;
import software.amazon.awssdk.services.s3.model.FilterRuleName;
import software.amazon.awssdk.services.s3.model.TopicConfiguration;

/** A bucket that the stack does not create, connected as in {@code cloudformation/README.md}, and a later deployment. */
@ResourceLock("functions with a short timeout")
class ExistingBucketIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Map<String, String> PARAMETERS = Map.of(
            "BucketRoute", "existing-notification",
            "BucketName", "pacs-archive",
            "MaximumReceiveCount", "10");

    private static LocalCloud cloud;

    /** Messages reappear as soon as the function's timeout allows it, so that the tests wait less. */
    @BeforeAll
    static void start() {
        cloud = LocalCloud.start(CloudSettings.of(
                        Template.read(Path.of("cloudformation/pipeline.yaml"))
                                .with("Resources.Function.Properties.Timeout", 10)
                                .with("Resources.Queue.Properties.VisibilityTimeout", 10),
                        new FunctionCode.Jar(Path.of("target/ingest-function.jar")))
                .withParameters(PARAMETERS));
        String bucket = cloud.outputs().get("BucketName");
        cloud.s3().createBucket(request -> request.bucket(bucket));
        cloud.s3().putBucketVersioning(request -> request.bucket(bucket)
                .versioningConfiguration(versioning -> versioning.status(BucketVersioningStatus.ENABLED)));
        cloud.s3().putBucketNotificationConfiguration(request -> request.bucket(bucket)
                .notificationConfiguration(configuration -> configuration.topicConfigurations(Stream.of(".dcm", ".DCM")
                        .map(ExistingBucketIT::uploadsThatEndIn)
                        .toList())));
    }

    private static TopicConfiguration uploadsThatEndIn(String suffix) {
        return TopicConfiguration.builder()
                .id("imaging" + suffix)
                .topicArn(cloud.outputs().get("TopicArn"))
                .events(Event.S3_OBJECT_CREATED)
                .filter(filter -> filter.key(key -> key.filterRules(FilterRule.builder()
                        .name(FilterRuleName.SUFFIX)
                        .value(suffix)
                        .build())))
                .build();
    }

    @AfterAll
    static void stop() {
        cloud.close();
    }

    @Test
    void uploadsHaveTheirRecordsOnceTheNotificationIsPut() {
        PipelineUnderTest pipeline = PipelineUnderTest.of(cloud);
        pipeline.uploadMany("archive", 5);
        pipeline.upload("archive/patient-7.DCM", "7");
        pipeline.uploadUnrecorded("archive/patient-7.txt");

        pipeline.awaitAllRecorded(PATIENCE);
        pipeline.awaitNothingLeft(PATIENCE);
        pipeline.checkNoOtherRecords();
    }

    @Test
    void aDeploymentWithAnotherPatternKeepsWhatIsStored() {
        PipelineUnderTest pipeline = PipelineUnderTest.of(cloud);
        AtomicInteger rejections = new AtomicInteger();
        cloud.onFunctionLog(line -> rejections.addAndGet(line.contains("no-patient-id") ? 1 : 0));
        pipeline.upload("before/patient-8.dcm", "8");
        pipeline.awaitAllRecorded(PATIENCE);
        pipeline.upload("before/scan-9.dcm", "9");
        await().atMost(PATIENCE).until(() -> rejections.get() > 0);

        // The first pattern's names, too: a message may come again although its record is written.
        deploy("(?:patient|scan)-(?<patientId>[0-9]+)(?:_.*)?\\.(?i:dcm)");
        pipeline.upload("after/scan-10.dcm", "10");

        // The record of before, the message of before, and the bucket with its notification.
        pipeline.awaitAllRecorded(PATIENCE);
        pipeline.awaitNothingLeft(PATIENCE);
        assertThat(cloud.problems()).isEmpty();
    }

    private static void deploy(String pattern) {
        Map<String, String> parameters = new HashMap<>(PARAMETERS);
        parameters.put("PatientIdPattern", pattern);
        cloud.deployFunctions(parameters);
    }
}
