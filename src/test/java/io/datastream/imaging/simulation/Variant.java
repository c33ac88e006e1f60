package io.datastream.imaging.simulation;

import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import java.time.Duration;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/** The code and the wiring of a run. The defaults are the real ones; a bug replaces one of them. */
interface Variant {

    /** The real code and the wiring of the template, with the short times of tests. */
    Variant REAL = new Variant() {};

    /** One invocation of the function. */
    @FunctionalInterface
    interface Function {
        SQSBatchResponse handle(SQSEvent event, Duration timeLeft);
    }

    /** The function, given the real one and the process that it runs in. */
    default Function function(Function real, SimulatedProcess process) {
        return real;
    }

    /** The function's client of DynamoDB. */
    default DynamoDbClient table(DynamoDbClient real) {
        return real;
    }

    /** Seconds. */
    default int visibilityTimeout() {
        return Simulation.VISIBILITY_TIMEOUT_SECONDS;
    }

    default int maximumReceiveCount() {
        return Simulation.MAXIMUM_RECEIVE_COUNT;
    }

    /** Whether the event source deletes only the messages that the response does not name. */
    default boolean reportBatchItemFailures() {
        return true;
    }

    /** The operator's client of SQS. */
    default SqsClient sqs(SqsClient real) {
        return real;
    }

    /** The reconciling function's client of DynamoDB. */
    default DynamoDbClient reconcileTable(DynamoDbClient real) {
        return real;
    }

    /** What the reconciling function believes of the milliseconds that are left. */
    default int reconcileMilliseconds(int milliseconds) {
        return milliseconds;
    }

    /** How long a message may be on its way, for the reconciling function. */
    default int cutOffSeconds() {
        return SimulatedReconciliation.CUT_OFF_SECONDS;
    }
}
