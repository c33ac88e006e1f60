package io.datastream.imaging.simulation;

/** What can go wrong during a while. Each fault hits a call, a delivery or an invocation with the probability of its step. */
enum Fault {
    /** DynamoDB throttles the call. */
    THROTTLED(true),
    /** DynamoDB leaves some of the items unprocessed, perhaps all. */
    UNPROCESSED_ITEMS(true),
    /** DynamoDB fails with status 500, and may have written some of the items. */
    SERVER_ERROR(true),
    /** The request does not arrive. The client sees a broken connection. */
    REQUEST_LOST(true),
    /** The items are written. The client sees a broken connection. */
    ANSWER_LOST(true),
    /** The client sees a broken connection, and the items are written up to a minute later. */
    WRITTEN_LATE(true),
    /** The call hangs before anything is sent: connect, TLS. */
    HANGS_BEFORE_SENDING(true),
    /** The call hangs in the lookup of the host name, which nothing can interrupt, for up to 20 s. */
    HANGS_IN_LOOKUP(true),
    /** The items are written, then the call hangs. */
    HANGS_AFTER_WRITING(true),
    /** The answer takes up to four seconds. */
    SLOW(true),
    /** DynamoDB refuses the call in a way that no retry within the invocation mends. */
    ACCESS_DENIED(true),

    /** The process ends at a call to DynamoDB: before, during or after the write. */
    CRASH_AT_WRITE(false),
    /** No thread of the process runs for up to three seconds. */
    PAUSE(false),
    /** Little of the function's time is left when it starts. */
    SHORT_TIME(false),
    /** The batch waits at the poller for longer than the visibility timeout: its messages are delivered again meanwhile. */
    LATE_START(false),
    /** A message stays visible although it was delivered. */
    DELIVERED_TWICE(false),
    /** SQS does not delete a message, although the poller tells it to. */
    DELETE_LOST(false),

    /** SQS throttles a call of the operator. */
    SQS_THROTTLED(false),
    /** SQS does what the operator's call says. The client sees a broken connection. */
    SQS_ANSWER_LOST(false),
    /** A call of the operator takes up to 50 s: leases end meanwhile. */
    SQS_SLOW(false),
    /** The queue does not accept a message that the operator sends. */
    SQS_ENTRY_REFUSED(false),
    /** The operator's process ends at a call to SQS: before or after it. */
    OPERATOR_CRASH(false);

    private final boolean ofDynamoDb;

    Fault(boolean ofDynamoDb) {
        this.ofDynamoDb = ofDynamoDb;
    }

    /** Whether it is an outage of DynamoDB, which the budget of tries must cover. */
    boolean isOfDynamoDb() {
        return ofDynamoDb;
    }
}
