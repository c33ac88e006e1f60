package io.datastream.imaging.load.report;

/**
 * What a run used of AWS's services, and what that would cost.
 *
 * @param uploads objects stored
 * @param topicMessages published to a topic
 * @param eventBusEvents S3 events put on an event bus
 * @param queueRequests of SQS, in chunks of 64 kB
 * @param listRequests of S3
 * @param invocations of the function
 * @param functionSeconds billed, at 1 GB of memory
 * @param writeUnits of DynamoDB, the index's included
 * @param machineHours of a small virtual machine
 */
public record Usage(
        long uploads,
        double topicMessages,
        double eventBusEvents,
        double queueRequests,
        double listRequests,
        double invocations,
        double functionSeconds,
        double writeUnits,
        double machineHours) {

    private static final double MILLION = 1e6;

    /** US dollars, on-demand list prices of us-east-1 without free tiers; they change, so check them. */
    private static final class Price {
        static final double TOPIC_MESSAGE = 0.50 / MILLION;
        static final double EVENT_BUS_EVENT = 1.00 / MILLION;
        static final double QUEUE_REQUEST = 0.40 / MILLION;
        static final double LIST_REQUEST = 5.00 / MILLION;
        static final double INVOCATION = 0.20 / MILLION;
        static final double GIGABYTE_SECOND = 0.0000166667;
        static final double WRITE_UNIT = 0.625 / MILLION;
        static final double MACHINE_HOUR = 0.0208;
    }

    /** US dollars for a million uploads at the same ratios; storage and the uploads themselves cost every way alike. */
    public double dollarsPerMillionUploads() {
        double dollars = topicMessages * Price.TOPIC_MESSAGE
                + eventBusEvents * Price.EVENT_BUS_EVENT
                + queueRequests * Price.QUEUE_REQUEST
                + listRequests * Price.LIST_REQUEST
                + invocations * Price.INVOCATION
                + functionSeconds * Price.GIGABYTE_SECOND
                + writeUnits * Price.WRITE_UNIT
                + machineHours * Price.MACHINE_HOUR;
        return dollars / uploads * MILLION;
    }
}
