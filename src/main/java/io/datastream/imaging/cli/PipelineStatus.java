package io.datastream.imaging.cli;

import io.datastream.imaging.deadletter.DeadLetterQueue.Depth;
import io.datastream.imaging.deadletter.Inspection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The answers to an on-call's first questions.
 *
 * @param queue how much waits
 * @param deadLetters what is in the dead-letter queue; the first of it if there is much
 * @param metrics what CloudWatch says, or why it does not
 * @param eventSource what feeds the function, or why nobody knows
 */
record PipelineStatus(
        Depth queue, Inspection.Report deadLetters, Told<RecentMetrics> metrics, Told<EventSource> eventSource) {

    /**
     * A value, or the reason why there is none.
     *
     * @param value empty if AWS did not tell
     * @param reason why not; empty if it did
     */
    record Told<T>(Optional<T> value, String reason) {

        static <T> Told<T> of(T value) {
            return new Told<>(Optional.of(value), "");
        }

        static <T> Told<T> unknown(String reason) {
            return new Told<>(Optional.empty(), reason);
        }
    }

    /** What wants a look, worst first; empty if the pipeline is healthy as far as anybody knows. */
    List<String> troubles() {
        List<String> troubles = new ArrayList<>();
        eventSource
                .value()
                .filter(source -> !source.isEnabled())
                .ifPresent(source ->
                        troubles.add("the function is not fed (" + source.state() + "): uploads wait in the queue"));
        metrics.value().ifPresent(hour -> {
            if (hour.errors() > 0) {
                troubles.add("the function throws or times out: see its log group");
            }
            if (hour.throttles() > 0) {
                troubles.add("Lambda throttles the function: raise its concurrency, or lower MaximumConcurrency");
            }
        });
        if (deadLetters.seen() > 0) {
            troubles.add("messages are in the dead-letter queue: see `imaging dlq inspect`");
        }
        return troubles;
    }
}
