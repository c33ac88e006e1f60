package io.datastream.imaging.cli;

/** The command can not do its work; the message is one line that says why and what to do next. */
final class OperatorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OperatorException(String message) {
        super(message);
    }

    OperatorException(String message, Throwable cause) {
        super(message, cause);
    }
}
