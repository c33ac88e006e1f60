package io.datastream.imaging.local;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A {@code BatchWriteItem} or {@code BatchGetItem} request, split at random: one part is forwarded, the other is returned
 * as unprocessed.
 */
final class PartialBatch {
    static final Set<String> OPERATIONS = Set.of("BatchWriteItem", "BatchGetItem");

    private static final JsonMapper JSON = JsonMapper.shared();

    private final ObjectNode request;
    private final ObjectNode unprocessed = JSON.createObjectNode();
    private String answerField = "UnprocessedItems";
    private int forwarded;

    PartialBatch(byte[] body, RandomGenerator random) {
        request = (ObjectNode) JSON.readTree(body);
        ObjectNode tables = (ObjectNode) request.get("RequestItems");
        for (Map.Entry<String, JsonNode> table : List.copyOf(tables.properties())) {
            // Writes are a list; keys are a list in an object with the projection.
            ObjectNode keys = table.getValue() instanceof ObjectNode object ? object : null;
            if (keys != null) {
                answerField = "UnprocessedKeys";
            }
            ArrayNode kept = JSON.createArrayNode();
            ArrayNode returned = JSON.createArrayNode();
            (keys == null ? table.getValue() : keys.get("Keys"))
                    .forEach(element -> (random.nextBoolean() ? kept : returned).add(element));
            forwarded += kept.size();
            put(tables, table.getKey(), kept, keys);
            put(unprocessed, table.getKey(), returned, keys);
        }
    }

    boolean isEmpty() {
        return forwarded == 0;
    }

    byte[] request() {
        return JSON.writeValueAsBytes(request);
    }

    /** DynamoDB's answer to {@link #request}, with what was never sent to it. */
    ProxyAnswer answer(ProxyAnswer answer) {
        if (answer.status() != 200) {
            return answer;
        }
        ObjectNode body = (ObjectNode) JSON.readTree(answer.body());
        body.set(answerField, unprocessed);
        Map<String, List<String>> headers = new HashMap<>(answer.headers());
        // It is the checksum of the body before the change.
        headers.keySet().removeIf(header -> header.equalsIgnoreCase("x-amz-crc32"));
        return new ProxyAnswer(answer.status(), headers, JSON.writeValueAsBytes(body));
    }

    private static void put(ObjectNode tables, String table, ArrayNode elements, @Nullable ObjectNode keys) {
        if (elements.isEmpty()) {
            tables.remove(table);
        } else {
            tables.set(table, keys == null ? elements : keys.deepCopy().set("Keys", elements));
        }
    }
}
