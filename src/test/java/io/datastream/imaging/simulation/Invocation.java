package io.datastream.imaging.simulation;

import io.datastream.imaging.metadata.RecordKey;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** One invocation of the function, and what happened to it. */
final class Invocation {

    final int number;
    final SimulatedProcess process;
    final boolean laterPattern;
    final List<SimulatedQueue.Delivery> deliveries;
    final long deadline;

    /** The records of which DynamoDB's answer reached the function. */
    final Set<RecordKey> confirmed = new HashSet<>();

    /** Hit by a fault of DynamoDB. */
    boolean faultOfDynamoDb;

    /** Hit by another fault: killed, paused, late, with little time. */
    boolean otherFault;

    boolean answered;

    Invocation(
            int number,
            SimulatedProcess process,
            boolean laterPattern,
            List<SimulatedQueue.Delivery> deliveries,
            long deadline) {
        this.number = number;
        this.process = process;
        this.laterPattern = laterPattern;
        this.deliveries = List.copyOf(deliveries);
        this.deadline = deadline;
    }
}
