package io.datastream.imaging.deadletter;

import java.time.Duration;
import java.time.InstantSource;

/**
 * What every run over the dead-letter queue needs.
 *
 * @param queue the dead-letter queue
 * @param examiner judges its messages
 * @param stop ends the run early
 * @param clock of the run
 * @param visibility how long a message stays hidden after a crash; whole seconds, at least 3
 */
public record RunContext(
        DeadLetterQueue queue, MessageExaminer examiner, StopSignal stop, InstantSource clock, Duration visibility) {

    public RunContext {
        if (visibility.toSeconds() < 3) {
            throw new IllegalArgumentException("messages can not be held by less than 3 seconds at a time");
        }
    }

    /** On the system's clock; after a crash everything is back within a minute. */
    public static RunContext of(DeadLetterQueue queue, MessageExaminer examiner, StopSignal stop) {
        return new RunContext(queue, examiner, stop, InstantSource.system(), HeldMessages.VISIBILITY);
    }

    /** Nobody asks the table. */
    RunContext withoutTable() {
        return new RunContext(queue, examiner.withoutTable(), stop, clock, visibility);
    }

    HeldMessages hold() {
        return new HeldMessages(queue, visibility, stop, clock);
    }

    Scan scan(HeldMessages held) {
        return scan(held, HeldMessages.CAPACITY);
    }

    Scan scan(HeldMessages held, int capacity) {
        return new Scan(queue, held, capacity, stop, clock);
    }
}
