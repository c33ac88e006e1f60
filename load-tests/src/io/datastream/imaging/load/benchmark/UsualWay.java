package io.datastream.imaging.load.benchmark;

import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse.BatchItemFailure;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * A function as it is usually written, and as a per-message batch utility calls it: one message after the other, each
 * body a databind tree, one {@code PutItem} a record, a message that throws is a batch item failure.
 */
public final class UsualWay implements RequestHandler<SQSEvent, SQSBatchResponse> {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern FILE_NAME = Pattern.compile("patient-(?<patientId>[0-9]+)(?:_.*)?\\.(?i:dcm)");

    private final DynamoDbClient dynamoDb;

    /** For Lambda's runtime. */
    public UsualWay() {
        this(DynamoDbClient.create());
    }

    UsualWay(DynamoDbClient dynamoDb) {
        this.dynamoDb = dynamoDb;
    }

    @Override
    public SQSBatchResponse handleRequest(SQSEvent event, Context context) {
        List<BatchItemFailure> failures = new ArrayList<>();
        for (SQSEvent.SQSMessage message : event.getRecords()) {
            try {
                process(message);
            } catch (JsonProcessingException | RuntimeException e) {
                failures.add(new BatchItemFailure(message.getMessageId()));
            }
        }
        return new SQSBatchResponse(failures);
    }

    private void process(SQSEvent.SQSMessage message) throws JsonProcessingException {
        JsonNode notification = JSON.readTree(message.getBody());
        JsonNode event = JSON.readTree(notification.get("Message").asText());
        for (JsonNode record : event.get("Records")) {
            Map<String, AttributeValue> item = item(record);
            dynamoDb.putItem(put -> put.tableName("ImageMetadata").item(item));
        }
    }

    private static Map<String, AttributeValue> item(JsonNode record) {
        JsonNode bucket = record.at("/s3/bucket");
        JsonNode object = record.at("/s3/object");
        String key = URLDecoder.decode(object.get("key").asText(), StandardCharsets.UTF_8);
        Matcher fileName = FILE_NAME.matcher(key.substring(key.lastIndexOf('/') + 1));
        if (!fileName.matches()) {
            throw new IllegalArgumentException("no patient ID");
        }
        return Map.of(
                "fileKey", fromS(key),
                "uploadId", fromS(object.get("versionId").asText()),
                "bucketName", fromS(bucket.get("name").asText()),
                "fileSize", fromN(object.get("size").asText()),
                "uploadTimestamp", fromS(record.get("eventTime").asText()),
                "patientId", fromS(fileName.group("patientId")),
                "eTag", fromS(object.get("eTag").asText()),
                "versionId", fromS(object.get("versionId").asText()),
                "sequencer", fromS(object.get("sequencer").asText()));
    }
}
