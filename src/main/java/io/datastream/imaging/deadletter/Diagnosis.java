package io.datastream.imaging.deadletter;

import io.datastream.imaging.notification.RejectionReason;
import java.util.Locale;
import java.util.Optional;

/** What the function would make of a message now, and so why it is likely to be in the DLQ. */
public sealed interface Diagnosis {

    /** The function would reject it again. */
    record Rejected(RejectionReason reason) implements Diagnosis {

        @Override
        public String label() {
            return reason.label();
        }
    }

    /**
     * The function would take it.
     *
     * @param state what the table knows of it
     * @param formerly why the function rejected it under an earlier patient ID pattern, if it did
     */
    record Accepted(State state, Optional<RejectionReason> formerly) implements Diagnosis {

        @Override
        public String label() {
            return state.label();
        }
    }

    /** What the table knows of a message that the function would take. */
    enum State {
        /** Every upload of it is in the table. */
        RECORDED,
        /** At least one upload of it is not in the table: throttled, an outage, or a pattern that was changed since. */
        NOT_RECORDED,
        /** It carries no upload, only events that are rightly no record. */
        NOTHING_TO_RECORD,
        /** The table was not asked. */
        UNCHECKED;

        /** Lower case words with hyphens, such as {@code not-recorded}. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** The name of the message's group: a rejection reason's or a state's label. */
    String label();

    /** Whether the operator means this message by a label: what it is now, or what it was rejected for formerly. */
    default boolean isCalled(String label) {
        return label().equals(label)
                || (this instanceof Accepted accepted
                        && accepted.formerly()
                                .map(RejectionReason::label)
                                .filter(label::equals)
                                .isPresent());
    }
}
