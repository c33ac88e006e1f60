package io.datastream.imaging.deadletter;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
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
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;

/**
 * Writes selected messages to a file, one JSON object a line, and leaves the queue as it is.
 *
 * <p>The file is health data: only its owner may read it (mode 0600; a POSIX file system is needed). It is written as
 * {@code FILE.partial}, and gets its name when all of it is on the disk. So a file of that name is complete.
 */
public final class Save implements Action, AutoCloseable {

    /** One message with all that is needed to send it again; attributes are spelled as in SendMessage. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record SavedMessage(
            @Nullable String messageId,
            @Nullable String reason,
            @Nullable String sentAt,
            int receiveCount,
            @Nullable String traceHeader,
            @Nullable Map<String, SavedAttribute> messageAttributes,
            @Nullable String body) {

        private static SavedMessage of(MessageExaminer.Examined examined) {
            DeadLetter message = examined.message();
            Map<String, SavedAttribute> attributes = new TreeMap<>();
            message.attributes().forEach((name, value) -> attributes.put(name, SavedAttribute.of(value)));
            return new SavedMessage(
                    message.messageId(),
                    examined.diagnosis().label(),
                    message.sentAt().toString(),
                    message.receiveCount(),
                    message.traceHeader().orElse(null),
                    attributes,
                    message.body());
        }

        /** The ID alone: a body is health data. */
        @Override
        public String toString() {
            return "SavedMessage[" + messageId + "]";
        }
    }

    /** A message attribute. A binary value is Base64. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record SavedAttribute(
            @JsonProperty("DataType") @Nullable String dataType,
            @JsonProperty("StringValue") @Nullable String stringValue,
            @JsonProperty("BinaryValue") byte @Nullable [] binaryValue) {

        private static SavedAttribute of(MessageAttributeValue value) {
            return new SavedAttribute(
                    value.dataType(),
                    value.stringValue(),
                    value.binaryValue() == null ? null : value.binaryValue().asByteArray());
        }
    }

    /** Reads what an earlier version wrote, and what a later version adds. */
    static final ObjectMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

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
     * @throws IOException if it cannot be created
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
                    writer.write(JSON.writeValueAsString(SavedMessage.of(message)));
                    writer.write('\n');
                    saved++;
                }
            }
        } catch (JsonProcessingException e) {
            // Its text could contain a part of the message.
            throw new UncheckedIOException(new IOException("a message cannot be written as JSON"));
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
