package io.datastream.imaging.deadletter;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Writes selected messages to a file, one JSON object a line, and leaves the queue as it is.
 *
 * <p>The file is health data: only its owner may read it (mode 0600; a POSIX file system is needed). It is written as
 * {@code FILE.partial}, and gets its name when all of it is on the disk. So a file of that name is complete.
 */
public final class Save implements Action, AutoCloseable {

    static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** The line of a message: all that is needed to send it again, with attributes spelled as in SendMessage. */
    private static ObjectNode line(MessageExaminer.Examined examined) {
        DeadLetter message = examined.message();
        ObjectNode line = JSON.createObjectNode()
                .put("messageId", message.messageId())
                .put("reason", examined.diagnosis().label())
                .put("sentAt", message.sentAt().toString())
                .put("receiveCount", message.receiveCount());
        message.traceHeader().ifPresent(header -> line.put("traceHeader", header));
        ObjectNode attributes = line.putObject("messageAttributes");
        new TreeMap<>(message.attributes()).forEach((name, value) -> {
            ObjectNode attribute = attributes.putObject(name).put("DataType", value.dataType());
            if (value.stringValue() != null) {
                attribute.put("StringValue", value.stringValue());
            }
            if (value.binaryValue() != null) {
                attribute.put("BinaryValue", value.binaryValue().asByteArray());
            }
        });
        return line.put("body", message.body());
    }

    private final Selection selection;
    private final Path file;
    private final Path partial;
    private final FileChannel channel;
    private final BufferedWriter writer;
    private long saved;

    private Save(Selection selection, Path file, Path partial, FileChannel channel) {
        this.selection = selection;
        this.file = file;
        this.partial = partial;
        this.channel = channel;
        this.writer = new BufferedWriter(Channels.newWriter(channel, UTF_8));
    }

    /**
     * Creates {@code FILE.partial}.
     *
     * @throws FileAlreadyExistsException if it or the file is there: another run may be writing it
     */
    public static Save open(Path file, Selection selection) throws IOException {
        Path target = file.toAbsolutePath();
        if (Files.exists(target)) {
            throw new FileAlreadyExistsException(file.toString());
        }
        Path partial = target.resolveSibling(target.getFileName() + ".partial");
        FileChannel channel = FileChannel.open(
                partial,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return new Save(selection, target, partial, channel);
    }

    @Override
    public synchronized void act(List<MessageExaminer.Examined> messages, Consumer<String> accepted) {
        try {
            for (MessageExaminer.Examined message : messages) {
                if (selection.includes(message)) {
                    writer.write(line(message).toString());
                    writer.write('\n');
                    saved++;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many messages are in the file. */
    public synchronized long saved() {
        return saved;
    }

    /**
     * Gives the file its name, when all of it is on the disk. The folder is forced to the disk as well, so that the name
     * survives a power loss (POSIX).
     *
     * @throws FileAlreadyExistsException if a file of that name was created meanwhile; it is left as it is
     */
    public synchronized void commit() throws IOException {
        writer.flush();
        channel.force(true);
        try {
            // A rename would replace a file that somebody created meanwhile.
            Files.createLink(file, partial);
        } catch (UnsupportedOperationException e) {
            Files.move(partial, file);
        }
        try (FileChannel folder = FileChannel.open(file.resolveSibling("."))) {
            folder.force(true);
        }
    }

    /** Deletes {@code FILE.partial}, which this run has created. */
    @Override
    public synchronized void close() throws IOException {
        channel.close();
        Files.deleteIfExists(partial);
    }
}
