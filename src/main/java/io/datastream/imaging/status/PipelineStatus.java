package io.datastream.imaging.status;

import io.datastream.imaging.deadletter.Queue;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.GetEventSourceMappingResponse;

/**
 * Reads the status of a pipeline.
 *
 * @param queue that the function reads
 * @param deadLetters of that queue
 * @param undelivered what never reached the queue, if it is known
 * @param eventSourceId what feeds the function, if it is known
 * @param stackName for the alarms, if it is known
 * @param errorText one line for an exception
 */
public record PipelineStatus(
        Queue queue,
        Queue deadLetters,
        Optional<Queue> undelivered,
        Optional<String> eventSourceId,
        Optional<String> stackName,
        Function<RuntimeException, String> errorText) {

    private static final String NOT_GIVEN = "not known without --stack";

    /** Makes every check. A call that fails makes its check unknown. */
    public List<Check> read(Supplier<LambdaClient> lambda, Supplier<CloudWatchClient> cloudWatch) {
        List<Check> checks = new ArrayList<>();
        checks.add(attempt("queue", () -> Check.ok("queue", text(queue.depth()))));
        checks.add(
                eventSourceId.isEmpty()
                        ? Check.unknown("event source", NOT_GIVEN)
                        : attempt("event source", () -> eventSource(lambda, eventSourceId.get())));
        checks.add(emptyQueue("dead-letter queue", Optional.of(deadLetters), "dlq inspect"));
        checks.add(emptyQueue(
                "undelivered queue",
                undelivered,
                "dlq inspect --dlq URL, cloudformation/RUNBOOK.md#alarm-undelivered"));
        checks.addAll(alarms(cloudWatch));
        return checks;
    }

    private List<Check> alarms(Supplier<CloudWatchClient> cloudWatch) {
        if (stackName.isEmpty()) {
            return StackAlarms.unknown(NOT_GIVEN);
        }
        try (CloudWatchClient client = cloudWatch.get()) {
            return StackAlarms.read(client, stackName.get());
        } catch (RuntimeException e) {
            return StackAlarms.unknown(errorText.apply(e));
        }
    }

    private Check attempt(String name, Supplier<Check> check) {
        try {
            return check.get();
        } catch (RuntimeException e) {
            return Check.unknown(name, errorText.apply(e));
        }
    }

    private static Check eventSource(Supplier<LambdaClient> lambda, String id) {
        try (LambdaClient client = lambda.get()) {
            GetEventSourceMappingResponse mapping = client.getEventSourceMapping(request -> request.uuid(id));
            Integer most = mapping.scalingConfig() == null
                    ? null
                    : mapping.scalingConfig().maximumConcurrency();
            String text = mapping.state() + (most == null ? "" : ", at most " + most + " invocations at once");
            return mapping.state().equals("Enabled")
                    ? Check.ok("event source", text)
                    : Check.problem("event source", text + ": uploads wait in the queue and are not recorded");
        }
    }

    private Check emptyQueue(String name, Optional<Queue> depthOf, String command) {
        if (depthOf.isEmpty()) {
            return Check.unknown(name, NOT_GIVEN);
        }
        return attempt(name, () -> {
            Queue.Depth depth = depthOf.get().depth();
            return depth.visible() + depth.inFlight() == 0
                    ? Check.ok(name, "empty")
                    : Check.problem(name, text(depth) + ": see " + command);
        });
    }

    private static String text(Queue.Depth depth) {
        return String.format(Locale.ROOT, "about %,d waiting, %,d in flight", depth.visible(), depth.inFlight());
    }
}
