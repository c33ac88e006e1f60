package io.datastream.imaging.load.spike;

import io.datastream.imaging.load.ledger.StoredRecord;
import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.metadata.ImageMetadataTable;
import io.datastream.imaging.notification.NotificationDecoder;
import io.datastream.imaging.notification.NotificationEvent;
import io.datastream.imaging.notification.ObjectCreated;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;
import software.amazon.awssdk.services.s3.presigner.model.PresignedPutObjectRequest;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The pipeline under load, from outside: embedded, or deployed anywhere that the SDK's own settings point to. */
final class PipelineUnderLoad implements AutoCloseable {

    private static final Duration SIGNATURE_LIFE = Duration.ofMinutes(15);
    /** Long enough to read a whole DLQ without seeing a message twice. */
    private static final int HOLD_SECONDS = 120;

    private static final int MESSAGES_PER_CALL = 10;

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
     * @param stackOutputs what {@code aws cloudformation describe-stacks --query 'Stacks[0].Outputs'} printed
     */
    static PipelineUnderLoad deployed(Path stackOutputs) {
        Map<String, String> outputs = new HashMap<>();
        try {
            for (JsonNode output : JsonMapper.shared().readTree(Files.readString(stackOutputs))) {
                outputs.put(
                        output.get("OutputKey").asString(),
                        output.get("OutputValue").asString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new PipelineUnderLoad(outputs, S3Presigner.create(), SqsClient.create(), DynamoDbClient.create());
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
        return Objects.requireNonNull(outputs.get(name), () -> "the stack has no output " + name);
    }

    @Override
    public void close() {
        presigner.close();
        sqs.close();
        dynamoDb.close();
    }
}
