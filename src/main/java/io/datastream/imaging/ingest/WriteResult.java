package io.datastream.imaging.ingest;

import io.datastream.imaging.metadata.RecordKey;
import java.time.Instant;
import java.util.Map;

/**
 * Result of writing a batch's records.
 *
 * @param written the records that are in the table, with the time when DynamoDB's answer arrived
 * @param unwritten the others, with the cause: an error code of AWS, the name of a client exception, {@code unprocessed},
 *     {@code no-answer} or {@code deadline}
 * @param calls number of BatchWriteItem calls
 * @param unprocessedRetries number of items that were sent again because DynamoDB had left them unprocessed
 */
record WriteResult(
        Map<RecordKey, Instant> written, Map<RecordKey, String> unwritten, int calls, int unprocessedRetries) {

    WriteResult {
        written = Map.copyOf(written);
        unwritten = Map.copyOf(unwritten);
    }
}
