package io.datastream.imaging.load.comparison;

import static org.awaitility.Awaitility.await;

import io.datastream.imaging.ingest.IngestHandler;
import io.datastream.imaging.load.report.Usage;
import io.datastream.imaging.local.CloudSettings;
import io.datastream.imaging.local.FunctionCode;
import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.local.UploadedObject;
import io.datastream.imaging.local.lambda.ObservedEnvironment.Invocation;
import io.datastream.imaging.local.template.Template;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** This project's: topic, queue, event source and function, wired by its template, the function in this JVM. */
final class FanOut implements Variant {

    private static final double QUEUE_REQUESTS_PER_MESSAGE = 1.2;
    private static final int WRITE_UNITS_PER_RECORD = 2;

    private final LocalCloud cloud;
    private final AtomicReference<LimitedTable> table = new AtomicReference<>();
    private final AtomicLong milliseconds = new AtomicLong();

    FanOut(Tables tables, int concurrency, Duration coldStart) {
        FunctionCode function = new FunctionCode.Observed(
                new FunctionCode.InProcess(environment -> handler(environment, coldStart)), this::remember);
        cloud = LocalCloud.start(CloudSettings.of(Template.read(Path.of("cloudformation/pipeline.yaml")), function)
                .withExecutionEnvironments(concurrency)
                .withParameter("MaximumConcurrency", concurrency));
        table.set(tables.limited());
    }

    private IngestHandler handler(Map<String, String> environment, Duration coldStart) {
        await().pollDelay(coldStart).atMost(coldStart.plusSeconds(60)).until(() -> table.get() != null);
        DynamoDbClient client = Tables.client(
                cloud.dynamoDbEndpoint(),
                table.get(),
                override -> override.retryStrategy(AwsRetryStrategy.doNotRetry()));
        return new IngestHandler(environment, client);
    }

    private void remember(Invocation invocation) {
        milliseconds.addAndGet(
                Duration.between(invocation.started(), invocation.ended()).toMillis());
    }

    LocalCloud cloud() {
        return cloud;
    }

    @Override
    public String name() {
        return "ours: S3 → SNS → SQS → function, BatchWriteItem";
    }

    @Override
    public LimitedTable table() {
        return table.get();
    }

    @Override
    public void uploaded(UploadedObject upload) {
        // The bucket's notification goes to the topic.
    }

    @Override
    public long pending() {
        return cloud.pendingDeliveries() + messages("QueueUrl");
    }

    int deadLetters() {
        return messages("DeadLetterQueueUrl");
    }

    private int messages(String queue) {
        Map<QueueAttributeName, String> attributes = cloud.sqs()
                .getQueueAttributes(
                        request -> request.queueUrl(cloud.outputs().get(queue)).attributeNames(QueueAttributeName.ALL))
                .attributes();
        return Integer.parseInt(attributes.get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES))
                + Integer.parseInt(attributes.get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE));
    }

    @Override
    public long invocations() {
        return cloud.function().invocations();
    }

    @Override
    public double functionSeconds() {
        return milliseconds.get() / 1e3;
    }

    @Override
    public Usage monthOfAMillion(long uploads, Scenario.Use use) {
        return new Usage(
                uploads,
                uploads,
                0,
                uploads * QUEUE_REQUESTS_PER_MESSAGE,
                0,
                use.invocations(),
                use.functionSeconds(),
                (double) uploads * WRITE_UNITS_PER_RECORD,
                0);
    }

    @Override
    public void close() {
        cloud.close();
    }
}
