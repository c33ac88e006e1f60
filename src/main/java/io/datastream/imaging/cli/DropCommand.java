package io.datastream.imaging.cli;

import io.datastream.imaging.deadletter.Archive;
import io.datastream.imaging.deadletter.Dropping;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code imaging dlq drop}. */
@Command(
        name = "drop",
        description = {
            "Deletes from the dead-letter queue what a file of `dlq save` holds, and nothing else.%n",
            "A message is deleted only if the file has its ID and its very body."
        })
final class DropCommand implements Callable<Integer> {

    @Mixin
    private PipelineOptions pipeline = new PipelineOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Parameters(paramLabel = "FILE", description = "A file that `dlq save` has written.")
    private @Nullable Path file;

    @Spec
    private @Nullable CommandSpec command;

    @Override
    public Integer call() throws IOException {
        Output to = new Output(Objects.requireNonNull(command), output);
        Archive archive = archive(Objects.requireNonNull(file));
        try (Session session = new Session(pipeline)) {
            Dropping dropping = new Dropping(session.runContext(), archive);
            long expected = session.deadLetterQueue().depth().visible();
            Dropping.Report report = to.withProgress("looked at", dropping::seen, expected, dropping::run);
            if (to.isJson()) {
                to.json(json -> {
                    json.writeNumberField("archived", archive.size());
                    json.writeNumberField("dropped", report.dropped());
                    json.writeNumberField("undeleted", report.undeleted());
                    json.writeNumberField("kept", report.kept());
                    json.writeBooleanField("complete", report.isComplete());
                });
            } else {
                to.line(
                        "%,d messages deleted, which the file holds; %,d kept, which it does not.",
                        report.dropped(), report.kept());
                if (report.undeleted() > 0 || !report.isComplete()) {
                    to.line("Not all was seen or deleted: run the command again.");
                }
            }
            return report.isComplete() && report.undeleted() == 0 ? ImagingCommand.DONE : ImagingCommand.SOMETHING_LEFT;
        }
    }

    private static Archive archive(Path file) throws IOException {
        try {
            return Archive.read(file);
        } catch (CharacterCodingException e) {
            throw new OperatorException(file + " is no file of `dlq save`", e);
        }
    }
}
