package io.datastream.imaging.load.drain;

import static org.awaitility.Awaitility.await;

import io.datastream.imaging.local.BucketEvents;
import io.datastream.imaging.local.CloudSettings;
import io.datastream.imaging.local.FunctionCode;
import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.local.UploadedObject;
import io.datastream.imaging.local.template.Template;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.dynamodb.model.Select;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** An embedded cloud whose queue is full of S3 events in their SNS envelopes, and whose event source is not enabled. */
final class Burst implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(20);
    /** Not more on their way at once than a small heap can hold. */
    private static final int PENDING = 2_000;

    private final LocalCloud cloud;
    private final int events;

    /** @param concurrency functions at once */
    Burst(int events, int concurrency) {
        this.events = events;
        cloud = LocalCloud.start(CloudSettings.of(
                        Template.read(Path.of("cloudformation/pipeline.yaml")),
                        new FunctionCode.Jar(Path.of("target/ingest-function.jar")))
                .withExecutionEnvironments(concurrency)
                .withParameter("MaximumConcurrency", concurrency)
                .withParameter("EventSourceEnabled", "false"));
        fill();
    }

    private void fill() {
        for (int number = 0; number < events; number++) {
            if (number % (PENDING / 2) == 0) {
                await().atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(10))
                        .until(() -> cloud.pendingDeliveries() < PENDING / 2);
            }
            cloud.topic(cloud.outputs().get("TopicArn"))
                    .publish(BucketEvents.objectCreated(upload(number), LocalCloud.REGION, "burst"));
        }
        await().atMost(PATIENCE).until(() -> messages() >= events);
    }

    private UploadedObject upload(int number) {
        return new UploadedObject(
                "ObjectCreated:Put",
                cloud.outputs().get("BucketName"),
                "burst/patient-%05d_series-%06d.dcm".formatted(number % 5_000, number),
                "d41d8cd98f00b204e9800998ecf8427e",
                Optional.of("096fKKXTRTtl3on89fVO.nfljts%06d".formatted(number)),
                524_288L + number,
                "%018X".formatted(number),
                Instant.now());
    }

    LocalCloud cloud() {
        return cloud;
    }

    int events() {
        return events;
    }

    String queueUrl() {
        return cloud.outputs().get("QueueUrl");
    }

    String tableName() {
        return cloud.outputs().get("TableName");
    }

    /** Waiting and in flight. */
    int messages() {
        Map<QueueAttributeName, String> attributes = cloud.sqs()
                .getQueueAttributes(request -> request.queueUrl(queueUrl()).attributeNames(QueueAttributeName.ALL))
                .attributes();
        return Integer.parseInt(attributes.get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES))
                + Integer.parseInt(attributes.get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE));
    }

    /** Waits until the queue is empty. */
    void awaitDrained() {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(200)).until(() -> messages() == 0);
    }

    int records() {
        return cloud
                .dynamoDb()
                .scanPaginator(scan -> scan.tableName(tableName()).select(Select.COUNT))
                .stream()
                .mapToInt(page -> page.count())
                .sum();
    }

    @Override
    public void close() {
        cloud.close();
    }
}
