package io.datastream.imaging.simulation;

/** What must hold in every run. */
enum Check {
    /** At the end, the table has exactly the items that the uploads must have become. */
    TABLE_EQUALS_MODEL,
    /** A message is deleted only when each of its records is in the table or rightly none. */
    ACKNOWLEDGED_WHEN_WRITTEN,
    /** A message is reported as failed only if one of its records is bad, or DynamoDB did not confirm it. */
    FAILED_FOR_A_REASON,
    /** The response names messages of the batch only. */
    RESPONSE_IS_VALID,
    /** The handler does not throw. */
    NEVER_THROWS,
    /** The answer comes before the deadline, with most of the margin left. */
    ANSWERS_IN_TIME,
    /** Between its answer and the next invocation the function sends nothing. */
    QUIET_AFTER_ANSWER,
    /** A call has 1 to 25 items of distinct keys. */
    CALLS_ARE_VALID,
    /** A message that is good ends in the DLQ only if each of its tries has a cause, and an outage as long as the budget. */
    DLQ_FOR_A_REASON,
    /** A replay that claims to be complete has seen every message that was in the DLQ when it began and still is. */
    COMPLETE_MEANS_SEEN,
    /** No message disappears without being acknowledged. */
    NO_MESSAGE_LOST,
    /** The queue is empty in the end. */
    ENDS,
    /** A repair is written only for an upload whose message had the time to arrive before the inventory's scan. */
    REPAIRS_WHAT_IS_DUE,
    /** No log line has a name out of an event. */
    NOTHING_LEAKED
}
