package io.datastream.imaging.reconcile;

import java.util.Locale;

/** Why an inventory cannot be reconciled as it stands. */
public enum RefusalReason {
    /** The name of the manifest's folder is no time such as {@code 2026-11-27T01-00Z}. */
    NO_SCAN_TIME,
    /** There is no {@code manifest.json} or no {@code manifest.checksum}. */
    MANIFEST_MISSING,
    /** The MD5 of {@code manifest.json} is not the one in {@code manifest.checksum}. */
    MANIFEST_CHECKSUM_WRONG,
    /** {@code manifest.json} is not JSON, or lacks something that every manifest has. */
    MANIFEST_UNREADABLE,
    /** The inventory, or one of its rows, is of another bucket than that of the pipeline. */
    FOREIGN_BUCKET,
    /** ORC or Parquet: only CSV can be read. */
    FORMAT_UNSUPPORTED,
    /** The inventory lacks one of the fields, see {@link Column}, or it is of current versions only. */
    FIELD_MISSING,
    /** No permission to read the object, or to use the key that it is encrypted with. */
    NO_PERMISSION,
    DATA_FILE_MISSING,
    /** The data file does not fit on the disk for temporary files. */
    DATA_FILE_TOO_LARGE,
    /** The MD5 of the data file is not the one in the manifest. */
    DATA_FILE_CHECKSUM_WRONG,
    /** The data file is not gzip, not UTF-8 or not CSV. */
    DATA_FILE_UNREADABLE,
    /** A row has too few or too many fields, or a field is not what its column says. */
    ROW_UNREADABLE;

    /**
     * The reason as logs and commands spell it.
     *
     * @return lower case words with hyphens, such as {@code field-missing}
     */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
