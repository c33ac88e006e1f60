package io.datastream.imaging.local;

/** What can go wrong with a call to DynamoDB or SQS. */
public enum Fault {
    /** The connection is closed at once; the service never sees the call. */
    REFUSED,
    /** The service answers that there were too many calls, and does nothing. */
    THROTTLED,
    /**
     * DynamoDB's {@code BatchWriteItem} writes a random part of the items and returns the others as unprocessed; if it
     * would write none, the call is throttled, as AWS does it. Other calls are left alone.
     */
    UNPROCESSED_ITEMS,
    /** The service does what it was asked to, and the connection is closed before the answer. */
    ANSWER_LOST
}
