package io.datastream.imaging.deadletter;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which messages an archive holds: by ID, and by the digest of the body as the file has it. */
public final class Archive {

    private static final JsonFactory JSON = new JsonFactory();

    private final Map<String, String> digests;

    private Archive(Map<String, String> digests) {
        this.digests = digests;
    }

    /**
     * Reads an archive to its end.
     *
     * @param file as {@link Saving} writes it
     * @throws IOException if it can not be read, or a line of it is damaged; the message says which
     */
    public static Archive read(Path file) throws IOException {
        Map<String, String> digests = new HashMap<>();
        try (BufferedReader reader = Files.newBufferedReader(file, UTF_8)) {
            int number = 1;
            for (@Nullable String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (!readLine(line, digests)) {
                    throw new IOException("line " + number + " is no saved message");
                }
                number++;
            }
        }
        return new Archive(digests);
    }

    private static boolean readLine(String line, Map<String, String> digests) throws IOException {
        @Nullable String messageId = null;
        @Nullable String body = null;
        try (JsonParser json = JSON.createParser(line)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                JsonToken value = json.nextToken();
                if (field.equals(ArchiveLine.MESSAGE_ID) && value == JsonToken.VALUE_STRING) {
                    messageId = json.getText();
                } else if (field.equals(ArchiveLine.BODY) && value == JsonToken.VALUE_STRING) {
                    body = json.getText();
                } else {
                    json.skipChildren();
                }
            }
        } catch (JacksonException e) {
            return false;
        }
        if (messageId == null || body == null) {
            return false;
        }
        digests.put(messageId, digest(body));
        return true;
    }

    /** How many messages it holds. */
    public int size() {
        return digests.size();
    }

    /** Whether it holds this message, with this very body. */
    boolean holds(DeadLetter message) {
        return digest(message.body()).equals(digests.get(message.messageId()));
    }

    private static String digest(String body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
