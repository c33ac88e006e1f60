package io.datastream.imaging.local.lambda;

import java.time.Duration;

/**
 * An SQS event source mapping, under AWS's rules for its values.
 *
 * @param batchSize messages an invocation gets at most, 1 to 10,000; above 10 the window must be a second or longer
 * @param batchingWindow how long a batch is gathered at most, 0 to 300 seconds, whole seconds
 * @param maximumConcurrency invocations at once, 2 to 1,000
 * @param reportBatchItemFailures whether the response names the messages that failed
 * @param enabled whether the queue is polled from the start
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html">
 *     CreateEventSourceMapping</a>
 */
public record EventSourceConfiguration(
        int batchSize,
        Duration batchingWindow,
        int maximumConcurrency,
        boolean reportBatchItemFailures,
        boolean enabled) {

    public EventSourceConfiguration {
        if (batchSize < 1 || batchSize > 10_000) {
            throw new IllegalArgumentException("BatchSize must be 1 to 10000, not " + batchSize);
        }
        if (batchingWindow.isNegative()
                || batchingWindow.compareTo(Duration.ofSeconds(300)) > 0
                || batchingWindow.getNano() != 0) {
            throw new IllegalArgumentException(
                    "MaximumBatchingWindowInSeconds must be 0 to 300 whole seconds, not " + batchingWindow);
        }
        if (batchSize > 10 && batchingWindow.isZero()) {
            throw new IllegalArgumentException(
                    "MaximumBatchingWindowInSeconds must be at least 1 when BatchSize is above 10, here " + batchSize);
        }
        if (maximumConcurrency < 2 || maximumConcurrency > 1_000) {
            throw new IllegalArgumentException("MaximumConcurrency must be 2 to 1000, not " + maximumConcurrency);
        }
    }
}
