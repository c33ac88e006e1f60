package io.datastream.imaging.local.run;

/** An option or a file cannot be used. The message is one line that says what to do. */
final class BadInputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BadInputException(String message) {
        super(message);
    }
}
