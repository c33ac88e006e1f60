package io.datastream.imaging.local.lambda;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

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

    /** From what the runtime interface client posts when the function threw; its stack trace is in the log already. */
    static FunctionError parse(String body) {
        try {
            JsonNode report = JsonMapper.shared().readTree(body);
            return new FunctionError(
                    report.path("errorType").asString("Runtime.Unknown"),
                    report.path("errorMessage").asString(report.isObject() ? "" : body));
        } catch (JacksonException notJson) {
            return new FunctionError("Runtime.Unknown", body);
        }
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
