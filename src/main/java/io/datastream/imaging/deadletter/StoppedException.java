package io.datastream.imaging.deadletter;

/** A run was stopped before this step of it was done. */
public final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoppedException() {
        super("stopped", null, false, false);
    }
}
