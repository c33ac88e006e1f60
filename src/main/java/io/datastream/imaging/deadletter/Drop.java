package io.datastream.imaging.deadletter;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Deletes the messages that are in a file of {@link Save}, with the same ID and the same body, and no other. */
public final class Drop implements Action {

    /** SHA-256 of the body by message ID. */
    private final Map<String, String> archive = new HashMap<>();

    private Drop() {}

    /**
     * Reads a file to its end.
     *
     * @throws IOException if it cannot be read, or a line of it is damaged; the message contains the line's number
     */
    public static Drop of(Path file) throws IOException {
        Drop drop = new Drop();
        try (BufferedReader reader = Files.newBufferedReader(file, UTF_8)) {
            int number = 1;
            for (@Nullable String line = reader.readLine(); line != null; line = reader.readLine()) {
                drop.add(line, number);
                number++;
            }
        }
        return drop;
    }

    private void add(String line, int number) throws IOException {
        try {
            JsonNode saved = Save.JSON.readTree(line);
            if (saved.path("messageId").isTextual() && saved.path("body").isTextual()) {
                archive.put(
                        saved.path("messageId").textValue(),
                        digest(saved.path("body").textValue()));
                return;
            }
        } catch (JsonProcessingException e) {
            // Its text could contain a part of the message, so it is not passed on.
        }
        throw new IOException("line " + number + " is not a saved message");
    }

    /** How many messages the file has. */
    public int archived() {
        return archive.size();
    }

    @Override
    public void act(List<MessageExaminer.Examined> messages, Consumer<String> accepted) {
        for (MessageExaminer.Examined examined : messages) {
            DeadLetter message = examined.message();
            if (digest(message.body()).equals(archive.get(message.messageId()))) {
                accepted.accept(message.messageId());
            }
        }
    }

    private static String digest(String body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
