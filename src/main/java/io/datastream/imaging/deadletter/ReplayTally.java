package io.datastream.imaging.deadletter;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts what a replay does, for any number of threads. */
final class ReplayTally {

    final LongAdder seen = new LongAdder();
    final LongAdder selected = new LongAdder();
    final LongAdder alreadyRecorded = new LongAdder();
    final LongAdder accepted = new LongAdder();
    final LongAdder deleted = new LongAdder();
    final LongAdder cameBack = new LongAdder();
    volatile boolean isComplete;
    private final Map<String, Long> stillRejected = new ConcurrentHashMap<>();
    private final Map<String, Long> refused = new ConcurrentHashMap<>();

    void stillRejected(String reason) {
        stillRejected.merge(reason, 1L, Long::sum);
    }

    void refused(String errorCode) {
        refused.merge(errorCode, 1L, Long::sum);
    }

    ReplayCounts counts() {
        // In the order that keeps "deleted" from ever being above "accepted".
        long deletedSoFar = deleted.sum();
        return new ReplayCounts(
                seen.sum(),
                selected.sum(),
                new TreeMap<>(stillRejected),
                alreadyRecorded.sum(),
                accepted.sum(),
                deletedSoFar,
                new TreeMap<>(refused),
                cameBack.sum(),
                isComplete);
    }
}
