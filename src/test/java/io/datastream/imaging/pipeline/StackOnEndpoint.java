package io.datastream.imaging.pipeline;

import io.datastream.imaging.ingest.IngestHandler;
import io.datastream.imaging.local.FunctionCode;
import io.datastream.imaging.local.lambda.EventSourceConfiguration;
import io.datastream.imaging.local.lambda.EventSourcePoller;
import io.datastream.imaging.local.lambda.FunctionConfiguration;
import io.datastream.imaging.local.lambda.FunctionFleet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.cloudformation.model.Capability;
import software.amazon.awssdk.services.cloudformation.model.Parameter;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.Event;
import software.amazon.awssdk.services.s3.model.TopicConfiguration;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * The template, deployed to an emulator by the emulator's own CloudFormation.
 *
 * <p>Some emulators leave parts out. On request those are added by calls of the services themselves, and reported, so
 * that the rest can be tested. On request the function runs in this JVM, fed by the embedded cloud's event source: for an
 * emulator whose Lambda needs Docker.
 */
final class StackOnEndpoint implements AutoCloseable {

    /** The value {@value #HERE}: the function runs in this JVM. */
    static final String FUNCTION_PROPERTY = "function";

    private static final String HERE = "here";
    private static final Path JAR = Path.of("target/ingest-function.jar");
    private static final Path TEMPLATE = Path.of("cloudformation/pipeline.yaml");
    private static final Duration FUNCTION_TIMEOUT = Duration.ofSeconds(5);

    private final Endpoint endpoint;
    private final String name = "imaging-" + UUID.randomUUID().toString().substring(0, 8);
    private final Map<String, String> outputs;
    private @Nullable EventSourcePoller eventSource;

    private StackOnEndpoint(Endpoint endpoint) throws IOException {
        this.endpoint = endpoint;
        this.outputs = create();
    }

    /** Deploys the template as it is. */
    static StackOnEndpoint deploy(Endpoint endpoint) throws IOException {
        return new StackOnEndpoint(endpoint);
    }

    /** Deploys the template, adds what the emulator left out, and runs the function here if the property says so. */
    static StackOnEndpoint deployAndComplete(Endpoint endpoint) throws IOException {
        StackOnEndpoint stack = new StackOnEndpoint(endpoint);
        stack.complete();
        if (HERE.equals(System.getProperty(FUNCTION_PROPERTY))) {
            stack.runFunctionHere();
        }
        return stack;
    }

    Map<String, String> outputs() {
        return outputs;
    }

    private Map<String, String> create() throws IOException {
        String artifacts = name + "-artifacts";
        try (S3Client s3 = endpoint.s3();
                CloudFormationClient cloudFormation = endpoint.cloudFormation()) {
            s3.createBucket(request -> request.bucket(artifacts));
            s3.putObject(request -> request.bucket(artifacts).key("function.jar"), RequestBody.fromFile(JAR));
            String template = Files.readString(TEMPLATE)
                    .replace(
                            "Code: ../target/ingest-function.jar",
                            "Code: {S3Bucket: " + artifacts + ", S3Key: function.jar}");
            s3.putObject(request -> request.bucket(artifacts).key("pipeline.yaml"), RequestBody.fromString(template));
            cloudFormation.createStack(request -> request.stackName(name)
                    .templateURL(endpoint.uri() + "/" + artifacts + "/pipeline.yaml")
                    .capabilities(Capability.CAPABILITY_IAM)
                    .parameters(Stream.of(
                                    "PublishVersions=false",
                                    "FunctionTimeout=" + FUNCTION_TIMEOUT.toSeconds(),
                                    "MaximumReceiveCount=5",
                                    "TableName=" + name,
                                    "BucketName=" + name + "-uploads")
                            .map(parameter -> parameter.split("=", 2))
                            .map(parameter -> Parameter.builder()
                                    .parameterKey(parameter[0])
                                    .parameterValue(parameter[1])
                                    .build())
                            .toList()));
            cloudFormation.waiter().waitUntilStackCreateComplete(request -> request.stackName(name));
            Map<String, String> values = new HashMap<>();
            cloudFormation
                    .describeStacks(request -> request.stackName(name))
                    .stacks()
                    .getFirst()
                    .outputs()
                    .forEach(output -> values.put(output.outputKey(), output.outputValue()));
            return values;
        }
    }

    private void complete() {
        String topic = outputs.get("TopicArn");
        try (S3Client s3 = endpoint.s3();
                SnsClient sns = endpoint.sns();
                SqsClient sqs = endpoint.sqs()) {
            String bucket = outputs.get("BucketName");
            if (s3.getBucketVersioning(request -> request.bucket(bucket)).status() != BucketVersioningStatus.ENABLED) {
                added("the bucket's versioning");
                s3.putBucketVersioning(request -> request.bucket(bucket)
                        .versioningConfiguration(versioning -> versioning.status(BucketVersioningStatus.ENABLED)));
            }
            if (sns.listSubscriptionsByTopic(request -> request.topicArn(topic))
                    .subscriptions()
                    .isEmpty()) {
                added("the queue's subscription to the topic");
                sns.subscribe(request -> request.topicArn(topic).protocol("sqs").endpoint(queueArn(sqs)));
            }
            if (s3.getBucketNotificationConfiguration(request -> request.bucket(bucket))
                    .topicConfigurations()
                    .isEmpty()) {
                added("the bucket's notification");
                s3.putBucketNotificationConfiguration(request -> request.bucket(bucket)
                        .notificationConfiguration(notification -> notification.topicConfigurations(
                                notification(topic, ".dcm"), notification(topic, ".DCM"))));
            }
        }
    }

    private static TopicConfiguration notification(String topic, String suffix) {
        return TopicConfiguration.builder()
                .topicArn(topic)
                .events(Event.S3_OBJECT_CREATED)
                .filter(filter -> filter.key(
                        key -> key.filterRules(rule -> rule.name("suffix").value(suffix))))
                .build();
    }

    private String queueArn(SqsClient sqs) {
        return Objects.requireNonNull(sqs.getQueueAttributes(
                        request -> request.queueUrl(outputs.get("QueueUrl")).attributeNames(QueueAttributeName.ALL))
                .attributes()
                .get(QueueAttributeName.QUEUE_ARN));
    }

    private void runFunctionHere() {
        added("the function: it runs in the JVM of the tests");
        SqsClient sqs = endpoint.sqs();
        try (LambdaClient lambda = endpoint.lambda()) {
            lambda.listEventSourceMappings(request -> request.eventSourceArn(queueArn(sqs)))
                    .eventSourceMappings()
                    .forEach(mapping -> lambda.updateEventSourceMapping(
                            request -> request.uuid(mapping.uuid()).enabled(false)));
        }
        FunctionConfiguration function = new FunctionConfiguration(
                name,
                "$LATEST",
                "io.datastream.imaging.ingest.IngestHandler::handleRequest",
                1024,
                FUNCTION_TIMEOUT,
                Map.of("TABLE_NAME", outputs.get("TableName")));
        // A dead letter is one within half a minute.
        sqs.setQueueAttributes(request -> request.queueUrl(outputs.get("QueueUrl"))
                .attributes(Map.of(
                        QueueAttributeName.VISIBILITY_TIMEOUT, Long.toString(FUNCTION_TIMEOUT.toSeconds() + 1))));
        eventSource = EventSourcePoller.start(
                sqs,
                outputs.get("QueueUrl"),
                queueArn(sqs),
                new EventSourceConfiguration(100, Duration.ofSeconds(1), 2, true, true),
                new FunctionFleet(function, 2, () -> new FunctionCode.InProcess(
                                environment -> new IngestHandler(environment, endpoint.dynamoDb()))
                        .start(function, StackOnEndpoint::discard)),
                StackOnEndpoint::report);
    }

    private static void discard(String functionLog) {}

    private static void added(String part) {
        report("not made by the endpoint's CloudFormation, added by the test: " + part);
    }

    /** To standard output: whoever runs the tests on an endpoint wants to know what was its own. */
    private static void report(String line) {
        System.out.println(line);
    }

    /** Deletes the stack, as far as the emulator can. Bucket and table are kept, as the template says. */
    @Override
    public void close() {
        if (eventSource != null) {
            eventSource.close();
        }
        try (CloudFormationClient cloudFormation = endpoint.cloudFormation();
                DynamoDbClient dynamoDb = endpoint.dynamoDb()) {
            cloudFormation.deleteStack(request -> request.stackName(name));
            List<String> tables = dynamoDb.listTables().tableNames();
            if (tables.contains(name)) {
                dynamoDb.updateTable(request -> request.tableName(name).deletionProtectionEnabled(false));
                dynamoDb.deleteTable(request -> request.tableName(name));
            }
        } catch (RuntimeException notDeleted) {
            report("the stack " + name + " was not deleted: "
                    + notDeleted.getClass().getSimpleName());
        }
    }
}
