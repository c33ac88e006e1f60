package io.datastream.imaging.cli;

import io.datastream.imaging.status.Check;
import io.datastream.imaging.status.PipelineStatus;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code imaging status}. */
@Command(
        name = "status",
        description = {
            "Shows on one screen what the alarms of the stack watch: queues, event source, and the state of each alarm.%n",
            "Healthy, and exit code 0, only if each line is ok. What AWS does not answer is unknown, and not ok."
        })
final class StatusCommand extends PipelineCommand {

    @Option(names = "--dlq", paramLabel = "QUEUE", description = "URL or name, if it is not that of the stack.")
    private @Nullable String deadLetterQueue;

    @Option(names = "--queue", paramLabel = "QUEUE", description = "URL or name, if it is not that of the stack.")
    private @Nullable String queue;

    /** The JSON of this command. */
    record Status(boolean healthy, List<Line> checks) {}

    /** One check; its state is ok, problem or unknown. */
    record Line(String name, String state, String text) {}

    @Override
    Class<? extends Record> resultType() {
        return Status.class;
    }

    @Override
    Result run() throws IOException {
        Optional<DeployedStack> stack = stack();
        Optional<String> undelivered = stack.flatMap(known -> known.output(DeployedStack.UNDELIVERED_QUEUE_URL));
        Clients clients = clients();
        List<Check> checks = new PipelineStatus(
                        queue(given(queue, "--queue QUEUE", DeployedStack.QUEUE_URL)),
                        queue(given(deadLetterQueue, "--dlq QUEUE", DeployedStack.DEAD_LETTER_QUEUE_URL)),
                        undelivered.isEmpty() ? Optional.empty() : Optional.of(queue(undelivered.get())),
                        stack.flatMap(known -> known.output(DeployedStack.EVENT_SOURCE_ID)),
                        stack.flatMap(DeployedStack::name),
                        ErrorMessage::of)
                .read(clients::lambda, clients::cloudWatch);
        long notOk =
                checks.stream().filter(check -> check.state() != Check.State.OK).count();
        return new Result(
                new Status(
                        notOk == 0,
                        checks.stream()
                                .map(check ->
                                        new Line(check.name(), check.state().label(), check.text()))
                                .toList()),
                checks.stream()
                        .map(check -> text("%-8s %-24s %s", mark(check.state()), check.name(), check.text()))
                        .toList(),
                notOk == 0
                        ? List.of()
                        : List.of(text("Not healthy: %,d of %,d lines are not ok.", notOk, checks.size())));
    }

    private static String mark(Check.State state) {
        return state == Check.State.PROBLEM ? "PROBLEM" : state.label();
    }
}
