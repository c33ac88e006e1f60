package io.datastream.imaging.notification;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.datastream.imaging.Fixtures;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any text as the body of a message. The fixtures are the seeds; only they are run, as Jazzer 0.24.0 does not work on Java 25.
 *
 * @see <a href="https://github.com/CodeIntelligenceTesting/jazzer/blob/main/docs/junit-integration.md">Jazzer</a>
 */
class EnvelopeFuzzTest {

    private static final int LONGEST_KEY = 1_024;

    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    static Stream<String> bodies() {
        return Fixtures.in("").stream().map(Fixtures.Fixture::body);
    }

    /** Streaming and databind agree on each field, and on what is no JSON. */
    @MethodSource("bodies")
    @FuzzTest(maxDuration = "10m")
    void readsWhatDatabindReads(String body) {
        if (body != null) {
            assertThat(Envelope.read(body)).isEqualTo(plainReading(body));
        }
    }

    /** The decoder never throws, has at least one event for each body, and no event with an impossible key. */
    @MethodSource("bodies")
    @FuzzTest(maxDuration = "10m")
    void decodesAnything(String body) {
        List<NotificationEvent> events = new NotificationDecoder().decode(body);

        assertThat(events).isNotEmpty();
        for (NotificationEvent event : events) {
            if (event instanceof ObjectCreated created) {
                assertThat(created.objectKey()).isNotEmpty();
                assertThat(created.objectKey().getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(LONGEST_KEY);
                assertThat(created.size()).isNotNegative();
                assertThat(created.bucketName()).isNotEmpty();
            }
        }
    }

    private static @Nullable Envelope plainReading(String body) {
        JsonNode root;
        try {
            root = JSON.readTree(body);
        } catch (JsonProcessingException notJson) {
            return null;
        }
        if (root.isMissingNode()) {
            return null;
        }
        List<Envelope.Event> records = null;
        if (root.path("Records").isArray()) {
            records = new ArrayList<>();
            for (JsonNode record : root.path("Records")) {
                records.add(new Envelope.Event(
                        text(record.path("eventVersion")),
                        text(record.path("eventName")),
                        text(record.path("eventTime")),
                        record.has("s3") ? content(record.path("s3")) : null));
            }
        }
        String message = text(root.path("Message"));
        return new Envelope(
                records,
                text(root.path("Event")),
                text(root.path("Type")),
                message == null ? null : plainReading(message),
                text(root.path("source")),
                text(root.path("detail-type")),
                text(root.path("time")),
                root.has("detail") ? content(root.path("detail")) : null);
    }

    private static Envelope.Content content(JsonNode content) {
        return new Envelope.Content(
                text(content.path("event-version")),
                text(content.path("bucket").path("name")),
                content.has("object") ? object(content.path("object")) : null);
    }

    /** Names in two spellings: the later one counts. */
    private static Envelope.StoredObject object(JsonNode object) {
        String eTag = null;
        String versionId = null;
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            switch (field.getKey()) {
                case "eTag", "etag" -> eTag = text(field.getValue());
                case "versionId", "version-id" -> versionId = text(field.getValue());
                default -> {}
            }
        }
        JsonNode size = object.path("size");
        return new Envelope.StoredObject(
                text(object.path("key")),
                size.isIntegralNumber() && size.canConvertToLong() && size.longValue() >= 0 ? size.longValue() : null,
                eTag,
                versionId,
                text(object.path("sequencer")));
    }

    private static @Nullable String text(JsonNode node) {
        return node.isTextual() ? node.textValue() : null;
    }
}
