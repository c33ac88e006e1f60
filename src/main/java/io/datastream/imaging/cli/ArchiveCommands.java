package io.datastream.imaging.cli;

import io.datastream.imaging.deadletter.Drain;
import io.datastream.imaging.deadletter.MessageExaminer;
import io.datastream.imaging.deadletter.Selection;
import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.PatientIdPattern;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The two commands that keep messages in a file. */
final class ArchiveCommands {

    private ArchiveCommands() {}

    /** {@code imaging dlq save}. */
    @Command(
            name = "save",
            description = {
                "Writes messages of the dead-letter queue to a file, one JSON object a line, and leaves the queue as it is.%n",
                "The file contains patient IDs and file names: only you may read it (mode 0600). It is called FILE.partial until all is on the disk.%n",
                DrainCommand.LEASES
            })
    static final class Save extends DrainCommand {

        @Mixin
        private SelectionOptions selection = new SelectionOptions();

        @Parameters(paramLabel = "FILE", description = "A file that does not exist yet.")
        private @Nullable Path file;

        /** The JSON of this command. {@code saved} is 0 if there is no file. */
        record Saved(Run run, long saved) {}

        @Override
        Class<? extends Record> resultType() {
            return Saved.class;
        }

        @Override
        Result run() throws Exception {
            Selection selected = selection.selection(clock().instant());
            MessageExaminer examiner = examiner(selected.needsTable() ? requiredTable() : Optional.empty());
            // A queue that cannot be read ends the command before there is a file.
            var unused = deadLetters().depth();
            Path target = Objects.requireNonNull(file);
            try (io.datastream.imaging.deadletter.Save save =
                    io.datastream.imaging.deadletter.Save.open(target, selected)) {
                Drain.Report report = drain(save, examiner);
                List<String> problems = new ArrayList<>(problems(report));
                boolean isWhole = report.ending() != Drain.Ending.CANCELLED && report.ending() != Drain.Ending.FAILED;
                if (isWhole) {
                    save.commit();
                } else {
                    problems.add("No file was written.");
                }
                long saved = isWhole ? save.saved() : 0;
                String lines = isWhole ? text(" %,d are saved in %s.", saved, target) : "";
                return new Result(new Saved(Run.of(report), saved), List.of(seen(report) + lines), problems);
            }
        }
    }

    /** {@code imaging dlq drop}. */
    @Command(
            name = "drop",
            description = {
                "Deletes from the dead-letter queue what a file of `dlq save` contains, and nothing else.%n",
                "A message is deleted only if the file has the same ID with the same body.%n",
                DrainCommand.LEASES
            })
    static final class Drop extends DrainCommand {

        @Parameters(paramLabel = "FILE", description = "A file that `dlq save` has written.")
        private @Nullable Path file;

        /** The JSON of this command. {@code archived} is the number of messages in the file. */
        record Dropped(Run run, long archived) {}

        @Override
        Class<? extends Record> resultType() {
            return Dropped.class;
        }

        @Override
        Result run() throws Exception {
            io.datastream.imaging.deadletter.Drop drop = archive(Objects.requireNonNull(file));
            // The deployed pattern makes no difference here, so no permission to read it is needed.
            MessageReader reader = new MessageReader(PatientIdPattern.compile(PatientIdPattern.DEFAULT));
            Drain.Report report = drain(drop, new MessageExaminer(reader, Optional.empty()));
            long kept = report.seen() - report.deleted() - report.undeleted();
            return new Result(
                    new Dropped(Run.of(report), drop.archived()),
                    List.of(
                            seen(report),
                            text(
                                    "%,d deleted. %,d kept, because the file does not contain them.",
                                    report.deleted(), kept)),
                    problems(report));
        }

        private static io.datastream.imaging.deadletter.Drop archive(Path file) throws Exception {
            try {
                return io.datastream.imaging.deadletter.Drop.of(file);
            } catch (CharacterCodingException e) {
                throw new OperatorException(file + " is not a file of `dlq save`", e);
            }
        }
    }
}
