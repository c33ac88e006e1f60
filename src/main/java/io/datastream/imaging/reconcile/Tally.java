package io.datastream.imaging.reconcile;

import java.util.EnumMap;
import java.util.Map;

/** Number of rows for each finding. For one thread. */
public final class Tally {

    private final Map<Finding, Long> rows = new EnumMap<>(Finding.class);

    void add(Finding finding, long number) {
        rows.merge(finding, number, Long::sum);
    }

    void add(Tally other) {
        other.rows.forEach(this::add);
    }

    public long of(Finding finding) {
        return rows.getOrDefault(finding, 0L);
    }

    /** Uploads that were missing when they were looked up, repaired or not. */
    public long missed() {
        return of(Finding.MISSING) + of(Finding.REPAIRED);
    }

    /** Rows that were looked up in the table. */
    public long compared() {
        return of(Finding.RECORDED) + of(Finding.MISMATCHED) + missed() + of(Finding.NO_PATIENT_ID);
    }

    /** All rows that were read. */
    public long read() {
        return compared() + of(Finding.UNSUPPORTED) + of(Finding.TOO_RECENT) + of(Finding.OUT_OF_SCOPE);
    }
}
