package io.datastream.imaging.deadletter;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;

/**
 * Archives messages as lines of JSON, and leaves the queue as it is.
 *
 * <p>The file is health data: its owner alone may read it. It gets its name only when all of it is on the disk, so that
 * a file of that name is whole.
 */
public final class Saving {

    /**
     * What was saved.
     *
     * @param saved messages in the file
     * @param seen messages looked at
     * @param isComplete false if there are more messages than may be held
     */
    public record Report(long saved, long seen, boolean isComplete) {}

    private final RunContext context;
    private final Selection selection;
    private long saved;
    private long seen;

    /** Prepares an archive of the selected messages; it can be run once. */
    public Saving(RunContext context, Selection selection) {
        this.context = selection.asksTheTable() ? context : context.withoutTable();
        this.selection = selection;
    }

    /**
     * Saves; afterwards nothing is held any more.
     *
     * @param file must not be there yet
     * @throws StoppedException if the run was stopped; there is no file then
     * @throws IOException if the file can not be written; there is no file then
     */
    public Report run(Path file) throws IOException {
        Path target = file.toAbsolutePath();
        if (Files.exists(target)) {
            throw new FileAlreadyExistsException(file.toString());
        }
        Path partial = target.resolveSibling(target.getFileName() + ".partial");
        Files.deleteIfExists(partial);
        try {
            boolean isComplete = write(partial);
            Files.move(partial, target);
            syncFolder(target);
            return new Report(saved, seen, isComplete);
        } finally {
            Files.deleteIfExists(partial);
        }
    }

    private boolean write(Path partial) throws IOException {
        Scan.Ending ending;
        try (FileChannel channel = FileChannel.open(
                        partial, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownerOnly(partial));
                BufferedWriter writer = new BufferedWriter(Channels.newWriter(channel, UTF_8))) {
            try (HeldMessages held = context.hold()) {
                ending = context.scan(held).run((fresh, again) -> {
                    write(writer, context.examiner().examine(fresh));
                    return true;
                });
            }
            writer.flush();
            channel.force(true);
        }
        context.stop().throwIfFailed();
        if (context.stop().isRaised()) {
            throw new StoppedException();
        }
        return ending == Scan.Ending.EMPTY;
    }

    private synchronized void write(BufferedWriter writer, List<ExaminedMessage> messages) {
        try {
            for (ExaminedMessage message : messages) {
                seen++;
                if (selection.includes(message)) {
                    writer.write(ArchiveLine.of(message));
                    writer.write('\n');
                    saved++;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileAttribute<?>[] ownerOnly(Path file) {
        boolean isPosix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        return isPosix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    /** The name of a file is on the disk when its folder is; not every system can open a folder. */
    private static void syncFolder(Path file) throws IOException {
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            try (FileChannel folder = FileChannel.open(file.resolveSibling("."))) {
                folder.force(true);
            }
        }
    }

    /** How many messages were looked at so far. */
    public synchronized long seen() {
        return seen;
    }
}
