package io.datastream.imaging.deadletter;

import io.datastream.imaging.notification.RejectionReason;
import java.util.Objects;
import java.util.Optional;

/** A message and what is to be said of it. */
public record ExaminedMessage(DeadLetter message, Diagnosis diagnosis) {

    public ExaminedMessage {
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(diagnosis, "diagnosis");
    }

    boolean isRejected() {
        return diagnosis instanceof Diagnosis.Rejected;
    }

    /** Why the function rejected it under an earlier pattern, if it would take it now. */
    Optional<RejectionReason> formerRejection() {
        return diagnosis instanceof Diagnosis.Accepted accepted ? accepted.formerly() : Optional.empty();
    }

    boolean isRecorded() {
        return diagnosis instanceof Diagnosis.Accepted accepted && accepted.state() == Diagnosis.State.RECORDED;
    }
}
