package io.datastream.imaging.cli;

import io.datastream.imaging.deadletter.Saving;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code imaging dlq save}. */
@Command(
        name = "save",
        description = {
            "Writes messages of the dead-letter queue to a file, one JSON object a line, and leaves the queue as it is.%n",
            "The file holds patient IDs and file names: only you may read it (mode 0600)."
        })
final class SaveCommand implements Callable<Integer> {

    @Mixin
    private PipelineOptions pipeline = new PipelineOptions();

    @Mixin
    private SelectionOptions selection = new SelectionOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Parameters(paramLabel = "FILE", description = "A file that is not there yet.")
    private @Nullable Path file;

    @Spec
    private @Nullable CommandSpec command;

    @Override
    public Integer call() throws IOException {
        Output to = new Output(Objects.requireNonNull(command), output);
        try (Session session = new Session(pipeline)) {
            Saving saving = new Saving(session.runContext(), selection.selection(Instant.now()));
            long expected = session.deadLetterQueue().depth().visible();
            Path target = Objects.requireNonNull(file);
            Saving.Report report = to.withProgress("read", saving::seen, expected, () -> saving.run(target));
            if (to.isJson()) {
                to.json(json -> {
                    json.writeNumberField("saved", report.saved());
                    json.writeNumberField("seen", report.seen());
                    json.writeBooleanField("complete", report.isComplete());
                });
            } else {
                to.line("%,d of %,d messages are saved.", report.saved(), report.seen());
                if (!report.isComplete()) {
                    to.line(
                            "There are more than can be held at a time: drop these, then save the next to another file.");
                }
            }
            return report.isComplete() ? ImagingCommand.DONE : ImagingCommand.SOMETHING_LEFT;
        }
    }
}
