package io.datastream.imaging.reconcile;

import java.util.Locale;

/** Result of comparing one row with the table. */
public enum Finding {
    /** The table has the upload, with the row's size and eTag. */
    RECORDED,
    /** The table has the upload with another size or eTag. It is reported and never changed. */
    MISMATCHED,
    /** The table lacks the upload. */
    MISSING,
    /** The table lacked the upload, and this run has written it. */
    REPAIRED,
    /** The table lacks the upload, and its file name has no patient ID. */
    NO_PATIENT_ID,
    /** No version ID: a late notification would make a second record, so it is neither looked up nor repaired. */
    UNSUPPORTED,
    /** Stored so late that its message may be on its way: it belongs to the next run. */
    TOO_RECENT,
    /** A delete marker, a folder, a key without the suffix, or older than asked for. */
    OUT_OF_SCOPE;

    /** Lower case words with hyphens, such as {@code no-patient-id}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
