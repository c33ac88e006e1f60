package io.datastream.imaging.local.lambda;

import java.util.function.Consumer;
import software.amazon.awssdk.services.sqs.SqsClient;

/** Polls an SQS queue for a function, by the rules of Lambda's event source mappings. */
public final class EventSourcePoller implements AutoCloseable {

    private EventSourcePoller() {}

    /**
     * Starts to poll, unless the event source is not enabled: then {@link #resume} does.
     *
     * @param log takes a line for each batch that failed and each SQS error
     * @throws IllegalArgumentException if the queue's visibility timeout is shorter than the function's timeout
     */
    public static EventSourcePoller start(
            SqsClient sqs,
            String queueUrl,
            String queueArn,
            EventSourceConfiguration configuration,
            FunctionFleet function,
            Consumer<String> log) {
        throw new UnsupportedOperationException();
    }

    /** Stops receiving; when it returns no receive call is under way. Running invocations go on to their end. */
    public void pause() {}

    /** Receives again. */
    public void resume() {}

    /** Stops at once and ends the function's environments; messages under way come back after their visibility. */
    @Override
    public void close() {}
}
