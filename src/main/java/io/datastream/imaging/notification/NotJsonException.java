package io.datastream.imaging.notification;

/** A text is not JSON. Without a stack trace: it is an answer, not an accident. */
final class NotJsonException extends Exception {

    private static final long serialVersionUID = 1L;

    NotJsonException() {
        super(null, null, false, false);
    }
}
