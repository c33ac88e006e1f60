package io.datastream.imaging.deadletter;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a replay has done so far, in messages.
 *
 * @param seen looked at
 * @param selected meant by the operator
 * @param stillRejected selected, but not sent: the function would reject them again; by reason
 * @param alreadyRecorded selected, but skipped as the table has them
 * @param accepted by the queue they were sent to
 * @param deleted from the dead-letter queue after that
 * @param refused not accepted: by the error code of SQS
 * @param cameBack sent by this run, and failed again meanwhile
 * @param isComplete whether the run has come to its end, with every message seen or the limit reached
 */
public record ReplayCounts(
        long seen,
        long selected,
        SortedMap<String, Long> stillRejected,
        long alreadyRecorded,
        long accepted,
        long deleted,
        SortedMap<String, Long> refused,
        long cameBack,
        boolean isComplete) {

    public ReplayCounts {
        stillRejected = copy(stillRejected);
        refused = copy(refused);
    }

    private static SortedMap<String, Long> copy(Map<String, Long> counts) {
        return Collections.unmodifiableSortedMap(new TreeMap<>(counts));
    }

    /** Messages that are in both queues: another replay sends them again, which changes nothing in the table. */
    public long undeleted() {
        return accepted - deleted;
    }

    /** Whether every selected message has gone its way. */
    public boolean isClean() {
        return stillRejected.isEmpty() && refused.isEmpty() && undeleted() == 0 && cameBack == 0;
    }
}
