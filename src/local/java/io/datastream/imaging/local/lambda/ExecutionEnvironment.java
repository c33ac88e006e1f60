package io.datastream.imaging.local.lambda;

import java.time.Instant;

/** One started copy of a function. It handles one invocation at a time. */
public interface ExecutionEnvironment extends AutoCloseable {

    /**
     * Hands one event to the function and waits for its response.
     *
     * @param invocationId the AWS request ID
     * @param deadline when the function is stopped; an environment that reached it is dead
     * @return the function's response as JSON
     * @throws FunctionError what the handler threw, or that it timed out, exited or was killed
     */
    String invoke(String invocationId, String eventJson, Instant deadline) throws FunctionError;

    /** Whether a further invocation can be handed to this environment. */
    boolean alive();

    /** Ends the environment at once, in the midst of an invocation if there is one (SIGKILL where it is a process). */
    void kill();

    /** Ends the environment and frees its resources. */
    @Override
    void close();
}
