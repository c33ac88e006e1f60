package io.datastream.imaging.cli;

import io.datastream.imaging.cli.PipelineStatus.Told;
import io.datastream.imaging.deadletter.DeadLetterQueue;
import io.datastream.imaging.deadletter.Inspection;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.lambda.LambdaClient;

/** {@code imaging status}. */
@Command(
        name = "status",
        description = {
            "Says on one screen whether the pipeline is healthy: how much waits and for how long, what is in the dead-letter queue and why, and how the function did in the last hour.%n",
            "Exit code 1 if anything wants a look. Of the dead-letter queue it looks at about 1,000 messages."
        })
final class StatusCommand implements Callable<Integer> {

    private static final int DEAD_LETTERS_LOOKED_AT = 1_000;

    @Mixin
    private PipelineOptions pipeline = new PipelineOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Spec
    private @Nullable CommandSpec command;

    @Override
    public Integer call() {
        Output to = new Output(Objects.requireNonNull(command), output);
        Instant now = Instant.now();
        try (Session session = new Session(pipeline)) {
            PipelineStatus status = read(session, now);
            if (to.isJson()) {
                writeJson(to, status);
            } else {
                print(to, status, now);
            }
            return status.troubles().isEmpty() ? ImagingCommand.DONE : ImagingCommand.SOMETHING_LEFT;
        }
    }

    private static PipelineStatus read(Session session, Instant now) {
        String queueUrl = session.queueUrl();
        return new PipelineStatus(
                new DeadLetterQueue(session.sqs(), queueUrl).depth(),
                Inspection.ofSome(session.runContext(), DEAD_LETTERS_LOOKED_AT).run(),
                ofStack(session, DeployedStack.FUNCTION_NAME, function -> metrics(function, queueUrl, now)),
                ofStack(session, DeployedStack.EVENT_SOURCE_ID, StatusCommand::eventSource));
    }

    private static <T> Told<T> ofStack(Session session, String output, Function<String, Supplier<T>> question) {
        Optional<String> value = session.stackOutput(output);
        return value.isEmpty() ? Told.unknown("give --stack to know") : told(question.apply(value.get()));
    }

    private static <T> Told<T> told(Supplier<T> question) {
        try {
            return Told.of(question.get());
        } catch (SdkException e) {
            return Told.unknown(ErrorMessage.of(e));
        }
    }

    private static Supplier<RecentMetrics> metrics(String functionName, String queueUrl, Instant now) {
        return () -> {
            try (CloudWatchClient cloudWatch = Clients.cloudWatch()) {
                return RecentMetrics.read(
                        cloudWatch, functionName, queueUrl.substring(queueUrl.lastIndexOf('/') + 1), now);
            }
        };
    }

    private static Supplier<EventSource> eventSource(String id) {
        return () -> {
            try (LambdaClient lambda = Clients.lambda()) {
                return EventSource.read(lambda, id);
            }
        };
    }

    private static void print(Output to, PipelineStatus status, Instant now) {
        to.line(
                "Queue     about %,d waiting, %,d in flight, oldest %s",
                status.queue().visible(), status.queue().inFlight(), oldestInQueue(status));
        status.metrics()
                .value()
                .ifPresentOrElse(
                        hour -> to.line(
                                "Function  last hour: %,d invocations, %,d errors, %,d throttles; at most %,d at once of %s",
                                hour.invocations(),
                                hour.errors(),
                                hour.throttles(),
                                hour.concurrency(),
                                concurrencyLimit(status)),
                        () -> to.line(
                                "Function  no metrics: CloudWatch: %s",
                                status.metrics().reason()));
        to.line(
                "Feeding   %s",
                status.eventSource()
                        .value()
                        .map(EventSource::state)
                        .orElse("unknown: " + status.eventSource().reason()));
        to.line("DLQ       %s", deadLetters(status.deadLetters(), now));
        List<String> troubles = status.troubles();
        to.line("");
        if (troubles.isEmpty()) {
            to.line(status.metrics().value().isPresent() ? "Healthy." : "Healthy, as far as the queues tell.");
        }
        troubles.forEach(trouble -> to.line("! %s", trouble));
    }

    private static String oldestInQueue(PipelineStatus status) {
        return status.metrics()
                .value()
                .map(hour -> hour.oldestInQueue().stream()
                        .mapToObj(seconds -> Output.age(Duration.ofSeconds((long) seconds)))
                        .findFirst()
                        .orElse("none"))
                .orElse("unknown");
    }

    private static String concurrencyLimit(PipelineStatus status) {
        return status.eventSource()
                .value()
                .map(EventSource::maximumConcurrency)
                .filter(limit -> limit.isPresent())
                .map(limit -> String.format(Locale.ROOT, "%,d", limit.getAsInt()))
                .orElse("an unknown limit");
    }

    private static String deadLetters(Inspection.Report report, Instant now) {
        if (report.seen() == 0) {
            return "empty";
        }
        String reasons = report.groups().stream()
                .map(group -> String.format(Locale.ROOT, "%,d %s", group.messages(), group.label()))
                .collect(Collectors.joining(", "));
        Instant first = report.groups().stream()
                .map(Inspection.Group::firstSentAt)
                .min(Comparator.naturalOrder())
                .orElse(now);
        return String.format(
                Locale.ROOT,
                "about %,d waiting%s: %s; oldest %s",
                report.before().visible(),
                report.isComplete() ? "" : String.format(Locale.ROOT, ", of the first %,d", report.seen()),
                reasons,
                Output.age(Duration.between(first, now)));
    }

    private static void writeJson(Output to, PipelineStatus status) {
        to.json(json -> {
            json.writeNumberField("queueVisible", status.queue().visible());
            json.writeNumberField("queueInFlight", status.queue().inFlight());
            json.writeNumberField("deadLetters", status.deadLetters().before().visible());
            json.writeNumberField("deadLettersSeen", status.deadLetters().seen());
            json.writeObjectFieldStart("deadLettersByDiagnosis");
            for (Inspection.Group group : status.deadLetters().groups()) {
                json.writeNumberField(group.label(), group.messages());
            }
            json.writeEndObject();
            if (status.metrics().value().isPresent()) {
                RecentMetrics hour = status.metrics().value().get();
                json.writeNumberField("invocations", hour.invocations());
                json.writeNumberField("errors", hour.errors());
                json.writeNumberField("throttles", hour.throttles());
                json.writeNumberField("concurrency", hour.concurrency());
                if (hour.oldestInQueue().isPresent()) {
                    json.writeNumberField(
                            "oldestInQueueSeconds", hour.oldestInQueue().getAsDouble());
                }
            }
            if (status.eventSource().value().isPresent()) {
                EventSource source = status.eventSource().value().get();
                json.writeStringField("eventSource", source.state());
                if (source.maximumConcurrency().isPresent()) {
                    json.writeNumberField(
                            "maximumConcurrency", source.maximumConcurrency().getAsInt());
                }
            }
            json.writeArrayFieldStart("troubles");
            for (String trouble : status.troubles()) {
                json.writeString(trouble);
            }
            json.writeEndArray();
        });
    }
}
