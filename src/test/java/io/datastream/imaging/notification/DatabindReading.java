package io.datastream.imaging.notification;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a message's JSON has for an {@link Envelope}, by way of Jackson's trees. */
final class DatabindReading {

    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private DatabindReading() {}

    /** Returns null for what is not one JSON value. */
    static @Nullable Envelope read(String body) {
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
                message == null ? null : read(message),
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
