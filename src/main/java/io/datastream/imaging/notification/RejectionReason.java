package io.datastream.imaging.notification;

import java.util.Locale;

/** Why a message can never become a record as it stands. The message fails alone and ends in the DLQ. */
public enum RejectionReason {
    /** The body, or the message inside its SNS envelope, is not one JSON value, or an object in it has a name twice. */
    NOT_JSON,
    /** JSON, but neither an S3 event, an SNS envelope nor an EventBridge event of S3. */
    UNKNOWN_ENVELOPE,
    /** An S3 event of another major version than 2, or an EventBridge one of another than 1. */
    FOREIGN_VERSION,
    NO_BUCKET,
    NO_KEY,
    /** The size is missing, or not a whole number of bytes from 0 to 2<sup>63</sup> − 1. */
    NO_SIZE,
    /** The event's time is missing, or not an RFC 3339 time of the years 0000 to 9999. */
    NO_EVENT_TIME,
    /** The key is not form-URL-encoded UTF-8, or holds half a surrogate pair. */
    UNDECODABLE_KEY,
    /** The decoded key is over S3's 1,024 bytes of UTF-8. */
    KEY_TOO_LONG,
    /** The event has no version ID, and its sequencer is not hexadecimal or has over 32 digits. */
    INVALID_SEQUENCER,
    /** The upload ID (version ID, or time and eTag) is over the 1,024 bytes that DynamoDB takes for a sort key. */
    UPLOAD_ID_TOO_LONG,
    /** The patient ID pattern does not match the whole file name, or captures nothing. */
    NO_PATIENT_ID,
    /** The patient ID is over the 2,048 bytes that DynamoDB takes for the key of an index. */
    PATIENT_ID_TOO_LONG,
    /** The patient ID pattern backtracks too much on this file name. */
    PATIENT_ID_PATTERN_OVER_BUDGET;

    /**
     * The reason as logs, metrics and commands spell it.
     *
     * @return lower case words with hyphens, such as {@code no-patient-id}
     */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
