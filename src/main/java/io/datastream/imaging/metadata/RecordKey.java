package io.datastream.imaging.metadata;

/**
 * The primary key of a record: one upload of one object.
 *
 * @param fileKey the decoded object key
 * @param uploadId which upload of that key
 */
public record RecordKey(String fileKey, String uploadId) {

    public RecordKey {
        if (fileKey.isEmpty() || uploadId.isEmpty()) {
            throw new IllegalArgumentException("a record has a file key and an upload ID");
        }
    }

    /** Masked: a key is health data and must not reach a log by accident. */
    @Override
    public String toString() {
        return "RecordKey[masked]";
    }
}
