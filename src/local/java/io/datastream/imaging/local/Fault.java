package io.datastream.imaging.local;

/** How a call to DynamoDB or SQS can fail. */
public enum Fault {
    /** The connection is closed at once; the service does not get the call. */
    REFUSED,
    /** The response is a throttling error; the service does not get the call. */
    THROTTLED,
    /**
     * DynamoDB's {@code BatchWriteItem} and {@code BatchGetItem} process a random part of the items and return the others
     * as unprocessed; if they would process none, the call is throttled, as by AWS. Other operations do not fail.
     */
    UNPROCESSED_ITEMS,
    /** The service carries out the call, and the connection is closed before the response. */
    ANSWER_LOST
}
