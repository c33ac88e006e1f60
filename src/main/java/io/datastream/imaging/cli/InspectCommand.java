package io.datastream.imaging.cli;

import io.datastream.imaging.deadletter.DeadLetter;
import io.datastream.imaging.deadletter.ExaminedMessage;
import io.datastream.imaging.deadletter.Inspection;
import io.datastream.imaging.notification.RejectionReason;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code imaging dlq inspect}. */
@Command(
        name = "inspect",
        description = {
            "Says what is in the dead-letter queue and why.%n",
            "Every message is judged as the function judges it, with the pattern that it has now. What the function would take is looked up in the table: recorded already, or not recorded.%n",
            "The messages are hidden from other readers meanwhile, and given back at the end; after a crash within a minute. Receiving them counts their receives up, nothing else changes."
        })
final class InspectCommand implements Callable<Integer> {

    @Mixin
    private PipelineOptions pipeline = new PipelineOptions();

    @Mixin
    private SelectionOptions selection = new SelectionOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Option(names = "--show", paramLabel = "N", description = "Print N bodies as well, names masked.")
    private int show;

    @Option(names = "--reveal", description = "Do not mask: patient IDs and file names appear on the screen.")
    private boolean reveal;

    @Spec
    private @Nullable CommandSpec command;

    @Override
    public Integer call() {
        Output to = new Output(Objects.requireNonNull(command), output);
        Instant now = Instant.now();
        try (Session session = new Session(pipeline)) {
            Inspection inspection = new Inspection(session.runContext(), selection.selection(now), show);
            long expected = session.deadLetterQueue().depth().visible();
            Inspection.Report report = to.withProgress("inspected", inspection::seen, expected, inspection::run);
            if (to.isJson()) {
                writeJson(to, report);
            } else {
                print(to, report, now);
                if (!session.knowsTable() && report.seen() > 0) {
                    to.line("Not looked up in a table: give --stack or --table to tell recorded from not recorded.");
                }
            }
            return report.isComplete() ? ImagingCommand.DONE : ImagingCommand.SOMETHING_LEFT;
        }
    }

    private void print(Output to, Inspection.Report report, Instant now) {
        if (report.seen() == 0) {
            to.line("The dead-letter queue is empty.%s", Output.elsewhere(report.before()));
            return;
        }
        to.line(
                "%,d messages seen of about %,d.%s",
                report.seen(), report.before().visible(), Output.elsewhere(report.before()));
        for (Inspection.Group group : report.groups()) {
            to.line("");
            to.line("%,9d  %s%s", group.messages(), group.label(), formerly(group));
            to.line(
                    "           first %s  sent %s",
                    group.firstMessageId(), Output.timeAndAge(group.firstSentAt(), now));
            to.line("           last  %s  sent %s", group.lastMessageId(), Output.timeAndAge(group.lastSentAt(), now));
            to.line("           receives: %,d at most", group.mostReceives());
        }
        for (ExaminedMessage sample : report.samples()) {
            DeadLetter message = sample.message();
            to.line("");
            to.line("%s  %s", message.messageId(), sample.diagnosis().label());
            to.line(reveal ? message.body() : BodyMask.mask(message.body()), new Object[0]);
        }
        if (!report.isComplete()) {
            to.line("");
            to.line("Not all: the run was stopped, or there are more than can be held at a time.");
        }
    }

    private static String formerly(Inspection.Group group) {
        return group.formerly()
                .map(reason -> " (was " + reason.label() + " under the earlier pattern)")
                .orElse("");
    }

    private void writeJson(Output to, Inspection.Report report) {
        to.json(json -> {
            json.writeNumberField("seen", report.seen());
            json.writeNumberField("approximateMessages", report.before().visible());
            json.writeNumberField("approximateInFlight", report.before().inFlight());
            json.writeBooleanField("complete", report.isComplete());
            json.writeArrayFieldStart("groups");
            for (Inspection.Group group : report.groups()) {
                json.writeStartObject();
                json.writeStringField("diagnosis", group.label());
                if (group.formerly().isPresent()) {
                    json.writeStringField(
                            "formerly",
                            group.formerly().map(RejectionReason::label).get());
                }
                json.writeNumberField("messages", group.messages());
                json.writeStringField("firstMessageId", group.firstMessageId());
                json.writeStringField("firstSentAt", group.firstSentAt().toString());
                json.writeStringField("lastMessageId", group.lastMessageId());
                json.writeStringField("lastSentAt", group.lastSentAt().toString());
                json.writeNumberField("mostReceives", group.mostReceives());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayFieldStart("messages");
            for (ExaminedMessage sample : report.samples()) {
                json.writeStartObject();
                json.writeStringField("messageId", sample.message().messageId());
                json.writeStringField("diagnosis", sample.diagnosis().label());
                String body = sample.message().body();
                json.writeStringField("body", reveal ? body : BodyMask.mask(body));
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }
}
