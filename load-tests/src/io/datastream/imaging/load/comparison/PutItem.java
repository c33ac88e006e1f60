package io.datastream.imaging.load.comparison;

import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromN;
import static software.amazon.awssdk.services.dynamodb.model.AttributeValue.fromS;

import java.time.Instant;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** One {@code PutItem} a record, as most functions do it; throttling and errors are left to the SDK's own retries. */
record PutItem(DynamoDbClient dynamoDb, String tableName) {

    private static final Pattern FILE_NAME = Pattern.compile("patient-(?<patientId>[0-9]+)(?:_.*)?\\.(?i:dcm)");

    /** @param uploadId which upload of the key */
    void write(String bucket, String key, String uploadId, String eTag, long size, Instant time) {
        Matcher fileName = FILE_NAME.matcher(key.substring(key.lastIndexOf('/') + 1));
        if (!fileName.matches()) {
            throw new IllegalArgumentException("no patient ID");
        }
        Map<String, AttributeValue> item = Map.of(
                "fileKey", fromS(key),
                "uploadId", fromS(uploadId),
                "bucketName", fromS(bucket),
                "fileSize", fromN(Long.toString(size)),
                "uploadTimestamp", fromS(time.toString()),
                "patientId", fromS(fileName.group("patientId")),
                "eTag", fromS(eTag));
        dynamoDb.putItem(put -> put.tableName(tableName).item(item));
    }
}
