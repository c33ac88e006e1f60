package io.datastream.imaging.load.spike;

import io.datastream.imaging.load.ledger.StoredRecord;
import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.metadata.ImageMetadataTable;
import io.datastream.imaging.metadata.RecordKey;
import io.datastream.imaging.notification.NotificationDecoder;
import io.datastream.imaging.notification.NotificationEvent;
import io.datastream.imaging.notification.ObjectCreated;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;
import software.amazon.awssdk.services.s3.presigner.model.PresignedPutObjectRequest;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The pipeline under load, from outside: embedded, or deployed anywhere that the SDK's own settings point to. */
final class PipelineUnderLoad implements AutoCloseable {

    private static final Duration SIGNATURE_LIFE = Duration.ofMinutes(15);
    /** Long enough to read a whole DLQ without seeing a message twice. */
    private static final int HOLD_SECONDS = 120;

    private static final int MESSAGES_PER_CALL = 10;
    private static final List<String> REQUIRED_OUTPUTS =
            List.of("BucketName", "QueueUrl", "DeadLetterQueueUrl", "TableName");

    private final Map<String, String> outputs;
    private final S3Presigner presigner;
    private final SqsClient sqs;
    private final DynamoDbClient dynamoDb;

    private PipelineUnderLoad(
            Map<String, String> outputs, S3Presigner presigner, SqsClient sqs, DynamoDbClient dynamoDb) {
        this.outputs = outputs;
        this.presigner = presigner;
        this.sqs = sqs;
        this.dynamoDb = dynamoDb;
    }

    static PipelineUnderLoad of(LocalCloud cloud) {
        S3Presigner presigner = S3Presigner.builder()
                .endpointOverride(cloud.s3Endpoint())
                .region(Region.of(LocalCloud.REGION))
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .serviceConfiguration(
                        S3Configuration.builder().pathStyleAccessEnabled(true).build())
                .build();
        return new PipelineUnderLoad(cloud.outputs(), presigner, cloud.sqs(), cloud.dynamoDb());
    }

    /**
     * A deployed stack; endpoints, region and credentials are the SDK's own settings.
     *
     * @param stackOutputs what {@code aws cloudformation describe-stacks} printed, or of it the outputs
     * @throws IllegalArgumentException if it is another file, or a service cannot be used; it says what to do
     */
    static PipelineUnderLoad deployed(Path stackOutputs) {
        Map<String, String> outputs = new HashMap<>();
        try {
            JsonNode file = JsonMapper.shared().readTree(Files.readString(stackOutputs));
            for (JsonNode output : file.isArray() ? file : file.at("/Stacks/0/Outputs")) {
                outputs.put(
                        output.path("OutputKey").asString(),
                        output.path("OutputValue").asString());
            }
        } catch (IOException | JacksonException unreadable) {
            // No outputs, as of another file.
        }
        List<String> missing = REQUIRED_OUTPUTS.stream()
                .filter(name -> !outputs.containsKey(name))
                .toList();
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException(
                    "-Dpipeline.outputs=%s: no such file, or no output %s in it; make it with: aws cloudformation describe-stacks --stack-name NAME > %1$s"
                            .formatted(stackOutputs, missing.getFirst()));
        }
        try {
            PipelineUnderLoad pipeline =
                    new PipelineUnderLoad(outputs, S3Presigner.create(), SqsClient.create(), DynamoDbClient.create());
            pipeline.checkAccess();
            return pipeline;
        } catch (SdkException e) {
            String problem = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new IllegalArgumentException("the pipeline of " + stackOutputs + " cannot be used: " + problem
                    + "; check AWS_REGION, the credentials and, for an emulator, AWS_ENDPOINT_URL");
        }
    }

    /** Calls every service that the run needs, so that it does not fail at its end. */
    private void checkAccess() {
        queue();
        deadLetterQueue();
        recorded(List.of(new RecordKey("load-test", "access")));
        try (S3Client s3 = S3Client.create()) {
            s3.headBucket(request -> request.bucket(bucket()));
        }
    }

    String bucket() {
        return output("BucketName");
    }

    /** Where to {@code PUT} an object, signed. */
    String signedUrl(String objectKey) {
        PresignedPutObjectRequest signed =
                presigner.presignPutObject(request -> request.signatureDuration(SIGNATURE_LIFE)
                        .putObjectRequest(put -> put.bucket(bucket()).key(objectKey)));
        return signed.url().toString();
    }

    QueueDepth queue() {
        return depth(output("QueueUrl"));
    }

    QueueDepth deadLetterQueue() {
        return depth(output("DeadLetterQueueUrl"));
    }

    private QueueDepth depth(String queueUrl) {
        Map<QueueAttributeName, String> attributes = sqs.getQueueAttributes(
                        request -> request.queueUrl(queueUrl).attributeNames(QueueAttributeName.ALL))
                .attributes();
        Function<QueueAttributeName, Integer> count = name -> Integer.parseInt(attributes.getOrDefault(name, "0"));
        return new QueueDepth(
                count.apply(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES)
                        + count.apply(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED),
                count.apply(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE));
    }

    /** Every record whose key has this prefix. Reads the whole table. */
    List<StoredRecord> records(String prefix) {
        Map<String, AttributeValue> values = Map.of(":prefix", AttributeValue.fromS(prefix));
        return dynamoDb
                .scanPaginator(scan -> scan.tableName(output("TableName"))
                        .consistentRead(true)
                        .filterExpression("begins_with(" + ImageMetadataTable.FILE_KEY + ", :prefix)")
                        .expressionAttributeValues(values))
                .items()
                .stream()
                .map(StoredRecord::of)
                .toList();
    }

    /** Those of at most 100 keys that have a record. */
    Set<RecordKey> recorded(Collection<RecordKey> keys) {
        List<Map<String, AttributeValue>> attributes =
                keys.stream().map(ImageMetadataTable::keyAttributes).toList();
        return dynamoDb
                .batchGetItem(request -> request.requestItems(Map.of(
                        output("TableName"),
                        KeysAndAttributes.builder().keys(attributes).build())))
                .responses()
                .getOrDefault(output("TableName"), List.of())
                .stream()
                .map(ImageMetadataTable::key)
                .collect(Collectors.toSet());
    }

    /** The object key of each message in the DLQ, an empty text for one that names none. The messages stay there. */
    List<String> deadLetterKeys() {
        List<String> keys = new ArrayList<>();
        List<Message> messages;
        do {
            messages = sqs.receiveMessage(request -> request.queueUrl(output("DeadLetterQueueUrl"))
                            .maxNumberOfMessages(MESSAGES_PER_CALL)
                            .visibilityTimeout(HOLD_SECONDS)
                            .waitTimeSeconds(1))
                    .messages();
            messages.forEach(message -> keys.add(objectKey(message.body()).orElse("")));
        } while (!messages.isEmpty());
        return keys;
    }

    private static Optional<String> objectKey(String body) {
        for (NotificationEvent event : new NotificationDecoder().decode(body)) {
            if (event instanceof ObjectCreated created) {
                return Optional.of(created.objectKey());
            }
        }
        return Optional.empty();
    }

    private String output(String name) {
        return Objects.requireNonNull(outputs.get(name), name);
    }

    @Override
    public void close() {
        presigner.close();
        sqs.close();
        dynamoDb.close();
    }
}
