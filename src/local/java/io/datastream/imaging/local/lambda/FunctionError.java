package io.datastream.imaging.local.lambda;

/**
 * An invocation, or the start of an environment, that ended without a response. The message is the error type followed
 * by the function's (or Lambda's) own text.
 */
public final class FunctionError extends Exception {

    private static final long serialVersionUID = 1L;

    private static final String TIMED_OUT = "Sandbox.Timedout";
    private static final String EXITED = "Runtime.ExitError";

    private final String errorType;

    FunctionError(String errorType, String text) {
        super(errorType + ": " + text);
        this.errorType = errorType;
    }

    static FunctionError timedOut(String text) {
        return new FunctionError(TIMED_OUT, text);
    }

    static FunctionError exited(String text) {
        return new FunctionError(EXITED, text);
    }

    /** The class of what the handler threw, or Lambda's name of the failure ({@code Sandbox.Timedout}, ...). */
    public String errorType() {
        return errorType;
    }

    /** Whether the function was stopped at its deadline. */
    public boolean isTimeout() {
        return errorType.equals(TIMED_OUT);
    }

    /** Whether the environment ended by itself or was killed. */
    public boolean isExit() {
        return errorType.equals(EXITED);
    }
}
