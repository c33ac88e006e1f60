package io.datastream.imaging.ingest;

import io.datastream.imaging.metadata.ImageMetadata;
import io.datastream.imaging.metadata.ImageMetadataTable;
import io.datastream.imaging.metadata.RecordKey;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/**
 * One BatchWriteItem call.
 *
 * @param records 1 to {@value #MAXIMUM_RECORDS}, of distinct keys
 */
record BatchWriteCall(List<ImageMetadata> records) {

    /**
     * DynamoDB's limit.
     *
     * @see <a href="https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html">
     *     BatchWriteItem</a>
     */
    static final int MAXIMUM_RECORDS = 25;

    /** Result of a call, by what can be done next. */
    sealed interface Outcome {

        /** DynamoDB accepted the call and wrote all records but the unprocessed ones. */
        record Accepted(Set<RecordKey> unprocessed) implements Outcome {}

        /** Throttled, unavailable, or no answer. Some records may be written; writing them again is harmless. */
        record Retryable(String cause) implements Outcome {}

        /** One of the records is invalid, and DynamoDB does not say which. */
        record Invalid(String cause) implements Outcome {}

        /** A retry cannot help: no permission, no such table. */
        record Refused(String cause) implements Outcome {}
    }

    /** Errors with status 400 that a retry can mend, besides throttling. */
    private static final Set<String> RETRYABLE_ERRORS =
            Set.of("RequestTimeout", "RequestTimeoutException", "ReplicatedWriteConflictException");

    BatchWriteCall {
        records = List.copyOf(records);
        if (records.isEmpty() || records.size() > MAXIMUM_RECORDS) {
            throw new IllegalArgumentException("a call carries 1 to " + MAXIMUM_RECORDS + " records");
        }
    }

    boolean isSingle() {
        return records.size() == 1;
    }

    /** Sends the call and waits for the answer. Does not throw for anything that DynamoDB or the network does. */
    Outcome send(DynamoDbClient client, String tableName) {
        List<WriteRequest> puts = records.stream().map(BatchWriteCall::put).toList();
        try {
            return new Outcome.Accepted(
                    keys(client.batchWriteItem(request -> request.requestItems(Map.of(tableName, puts)))
                            .unprocessedItems()
                            .values()));
        } catch (AwsServiceException e) {
            return outcome(e);
        } catch (SdkClientException e) {
            return new Outcome.Retryable(e.getClass().getSimpleName());
        } catch (RuntimeException e) {
            // The SDK could not marshal the request: the cause is in one of the records.
            return new Outcome.Invalid(e.getClass().getSimpleName());
        }
    }

    private static Outcome outcome(AwsServiceException e) {
        String code = e.awsErrorDetails() == null || e.awsErrorDetails().errorCode() == null
                ? "HTTP " + e.statusCode()
                : e.awsErrorDetails().errorCode();
        if (e.isThrottlingException()
                || e.isClockSkewException()
                || e.statusCode() >= 500
                || RETRYABLE_ERRORS.contains(code)) {
            return new Outcome.Retryable(code);
        }
        return code.equals("ValidationException") ? new Outcome.Invalid(code) : new Outcome.Refused(code);
    }

    private static WriteRequest put(ImageMetadata metadata) {
        return WriteRequest.builder()
                .putRequest(put -> put.item(ImageMetadataTable.item(metadata)))
                .build();
    }

    private static Set<RecordKey> keys(Collection<List<WriteRequest>> unprocessedItems) {
        return unprocessedItems.stream()
                .flatMap(List::stream)
                .map(request -> ImageMetadataTable.key(request.putRequest().item()))
                .collect(Collectors.toSet());
    }
}
