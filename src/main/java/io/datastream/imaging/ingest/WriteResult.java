package io.datastream.imaging.ingest;

import io.datastream.imaging.metadata.RecordKey;
import java.time.Instant;
import java.util.Map;

/**
 * What became of a batch's records.
 *
 * @param written the records that are in the table, and since when at the latest
 * @param unwritten the others, and why: an error code of AWS, the name of a client's exception, or {@code unprocessed}
 * @param calls number of BatchWriteItem calls
 * @param unprocessedRetries how many items were sent again because DynamoDB had left them unprocessed
 */
record WriteResult(
        Map<RecordKey, Instant> written, Map<RecordKey, String> unwritten, int calls, int unprocessedRetries) {

    WriteResult {
        written = Map.copyOf(written);
        unwritten = Map.copyOf(unwritten);
    }
}
