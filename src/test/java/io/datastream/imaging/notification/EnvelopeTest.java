package io.datastream.imaging.notification;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.datastream.imaging.Fixtures;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every fixture, also damaged or written in another way, is read like a tree of databind. */
class EnvelopeTest {

    private static final JsonMapper JACKSON = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final String NOT_JSON = "not JSON";

    private static final List<String> PIECES = List.of(
            "{", "}", "[", "]", ":", ",", "\"", "\\", "\\\"", "\\\\\"", "\\u00e4", "\\n", "0", "1", ".", "e", "null",
            "\"\"", " ", "\n", "\u0000", "ä", "🩻");

    static Stream<Fixtures.Fixture> bodies() {
        return Fixtures.in("").stream();
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void readsABodyAndAnyDamageToIt(Fixtures.Fixture fixture) {
        Random random = new Random(fixture.path().hashCode());
        for (String body : variants(fixture.body())) {
            assertReadAsByJackson(body);
            for (int damage = 0; damage < 100; damage++) {
                assertReadAsByJackson(damaged(body, random));
            }
        }
    }

    /** As it is, in an SNS envelope that escapes no more than needed, in others that escape more, and in two. */
    private static List<String> variants(String body) {
        String slashes = sns(body).replace("/", "\\/");
        String codeUnits = sns(body).replace("\\\"", "\\u0022");
        return List.of(body, sns(body), sns(body.replace("\n", " ")), slashes, codeUnits, sns(sns(body)));
    }

    private static String sns(String message) {
        return JACKSON.createObjectNode()
                .put("Type", "Notification")
                .put("Message", message)
                .put("Signature", "E".repeat(344))
                .toPrettyString();
    }

    private static String damaged(String body, Random random) {
        StringBuilder damaged = new StringBuilder(body);
        for (int edit = random.nextInt(3); edit >= 0 && !damaged.isEmpty(); edit--) {
            int start = random.nextInt(damaged.length());
            switch (random.nextInt(4)) {
                case 0 -> damaged.deleteCharAt(start);
                case 1 -> damaged.insert(start, PIECES.get(random.nextInt(PIECES.size())));
                case 2 -> damaged.replace(start, start + 1, PIECES.get(random.nextInt(PIECES.size())));
                case 3 -> damaged.delete(start, Math.min(damaged.length(), start + random.nextInt(200)));
            }
        }
        return damaged.toString();
    }

    private static void assertReadAsByJackson(String body) {
        assertThat(described(Envelope.read(body))).as(body).isEqualTo(describedByJackson(body));
    }

    private static Object described(@Nullable Envelope envelope) {
        if (envelope == null) {
            return NOT_JSON;
        }
        return Arrays.asList(
                envelope.records() == null
                        ? null
                        : envelope.records().stream()
                                .map(EnvelopeTest::described)
                                .toList(),
                envelope.testEvent(),
                envelope.type(),
                "Notification".equals(envelope.type()) ? described(envelope.message()) : null,
                envelope.source(),
                envelope.detailType(),
                envelope.time(),
                envelope.detail() == null
                        ? null
                        : described(new Envelope.Event(envelope.detail().version(), null, null, envelope.detail())));
    }

    private static Object described(Envelope.Event event) {
        Envelope.Content content = event.content() == null ? new Envelope.Content(null, null, null) : event.content();
        Envelope.StoredObject object =
                content.object() == null ? new Envelope.StoredObject(null, null, null, null, null) : content.object();
        return Arrays.asList(
                event.version(),
                event.name(),
                event.time(),
                content.bucketName(),
                object.key(),
                object.size(),
                object.eTag(),
                object.versionId(),
                object.sequencer());
    }

    private static Object describedByJackson(@Nullable String json) {
        JsonNode envelope;
        try {
            envelope = json == null ? MissingNode.getInstance() : JACKSON.readTree(json);
        } catch (IOException notJson) {
            return NOT_JSON;
        }
        if (envelope.isMissingNode()) {
            return NOT_JSON;
        }
        JsonNode records = envelope.path("Records");
        JsonNode detail = envelope.path("detail");
        String type = text(envelope, "Type");
        return Arrays.asList(
                records.isArray()
                        ? records.valueStream()
                                .map(record -> event(record, "eventVersion", record, record.path("s3")))
                                .toList()
                        : null,
                text(envelope, "Event"),
                type,
                "Notification".equals(type) ? describedByJackson(text(envelope, "Message")) : null,
                text(envelope, "source"),
                text(envelope, "detail-type"),
                text(envelope, "time"),
                detail.isMissingNode() ? null : event(detail, "event-version", MissingNode.getInstance(), detail));
    }

    private static Object event(JsonNode versioned, String version, JsonNode named, JsonNode content) {
        JsonNode object = content.path("object");
        JsonNode size = object.path("size");
        return Arrays.asList(
                text(versioned, version),
                text(named, "eventName"),
                text(named, "eventTime"),
                text(content.path("bucket"), "name"),
                text(object, "key"),
                size.isIntegralNumber() && size.canConvertToLong() && size.asLong() >= 0 ? size.asLong() : null,
                object.has("eTag") ? text(object, "eTag") : text(object, "etag"),
                object.has("versionId") ? text(object, "versionId") : text(object, "version-id"),
                text(object, "sequencer"));
    }

    private static @Nullable String text(JsonNode node, String field) {
        return node.path(field).isTextual() ? node.path(field).asText() : null;
    }
}
