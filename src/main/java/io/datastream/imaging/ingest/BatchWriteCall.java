package io.datastream.imaging.ingest;

import io.datastream.imaging.metadata.ImageMetadata;
import io.datastream.imaging.metadata.ImageMetadataTable;
import io.datastream.imaging.metadata.RecordKey;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutRequest;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/** One BatchWriteItem call, its answer sorted into what can be done about it. */
record BatchWriteCall(List<ImageMetadata> records) {

    /** DynamoDB's limit. */
    static final int MAXIMUM_RECORDS = 25;

    /** For a connection, or for DynamoDB to say something: it takes milliseconds, later than this is taken for lost. */
    static final Duration LONGEST_WAIT = Duration.ofSeconds(3);

    /** A call waits for its connection, for the handshake of TLS, and for the answer. */
    private static final Duration LONGEST_CALL = LONGEST_WAIT.multipliedBy(3);

    /** What a call came to. */
    sealed interface Outcome {

        /** DynamoDB took the call, and wrote all but the unprocessed ones. */
        record Taken(Set<RecordKey> unprocessed) implements Outcome {}

        /** Throttled, unavailable, or without an answer: some may be written, and writing again is harmless. */
        record TryAgain(String cause) implements Outcome {}

        /** One of the records is at fault, and DynamoDB does not say which. */
        record Invalid(String cause) implements Outcome {}

        /** No retry can mend it: no permission, no such table. */
        record Refused(String cause) implements Outcome {}
    }

    /** Errors of status 400 that pass, beside throttling. */
    private static final Set<String> PASSING_ERRORS =
            Set.of("RequestTimeout", "RequestTimeoutException", "ReplicatedWriteConflictException");

    BatchWriteCall {
        records = List.copyOf(records);
        if (records.isEmpty() || records.size() > MAXIMUM_RECORDS) {
            throw new IllegalArgumentException("a call carries 1 to " + MAXIMUM_RECORDS + " records");
        }
    }

    boolean isAlone() {
        return records.size() == 1;
    }

    /**
     * Never throws for what DynamoDB or the network answers, and is back when the time is up.
     *
     * @param client with its own retries off, and time-outs of {@link #LONGEST_WAIT}
     * @param timeLeft positive
     */
    Outcome send(DynamoDbClient client, String tableName, Duration timeLeft) {
        List<WriteRequest> puts = records.stream().map(BatchWriteCall::put).toList();
        BatchWriteItemRequest.Builder request = BatchWriteItemRequest.builder().requestItems(Map.of(tableName, puts));
        if (timeLeft.compareTo(LONGEST_CALL) < 0) {
            // The client's own time-outs could reach past the deadline. A silent call leaves time for the others.
            // Not without need: the SDK's timer wakes a thread for every call, a tenth of what the call costs.
            request.overrideConfiguration(override -> override.apiCallTimeout(timeLeft.dividedBy(2)));
        }
        try {
            return new Outcome.Taken(keys(
                    client.batchWriteItem(request.build()).unprocessedItems().values()));
        } catch (AwsServiceException e) {
            return outcome(e);
        } catch (SdkClientException e) {
            return new Outcome.TryAgain(e.getClass().getSimpleName());
        } catch (RuntimeException e) {
            // The SDK could not even marshal the request: the cause is in one of the records.
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
                || PASSING_ERRORS.contains(code)) {
            return new Outcome.TryAgain(code);
        }
        return code.equals("ValidationException") ? new Outcome.Invalid(code) : new Outcome.Refused(code);
    }

    private static WriteRequest put(ImageMetadata metadata) {
        return WriteRequest.builder()
                .putRequest(PutRequest.builder()
                        .item(ImageMetadataTable.item(metadata))
                        .build())
                .build();
    }

    private static Set<RecordKey> keys(Iterable<List<WriteRequest>> unprocessedItems) {
        Set<RecordKey> keys = new HashSet<>();
        for (List<WriteRequest> requests : unprocessedItems) {
            for (WriteRequest request : requests) {
                keys.add(ImageMetadataTable.key(request.putRequest().item()));
            }
        }
        return keys;
    }
}
