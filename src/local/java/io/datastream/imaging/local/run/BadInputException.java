package io.datastream.imaging.local.run;

/** What the caller gave cannot be used: one line that says what to do. */
final class BadInputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BadInputException(String message) {
        super(message);
    }
}
