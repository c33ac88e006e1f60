package io.datastream.imaging.local;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A {@code BatchWriteItem} request, split at random: one part is forwarded, the other is returned as unprocessed. */
final class PartialBatchWrite {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final ObjectNode request;
    private final ObjectNode unprocessed = JSON.createObjectNode();
    private int forwarded;

    PartialBatchWrite(byte[] body, RandomGenerator random) {
        request = (ObjectNode) JSON.readTree(body);
        ObjectNode tables = (ObjectNode) request.get("RequestItems");
        for (Map.Entry<String, JsonNode> table : List.copyOf(tables.properties())) {
            ArrayNode kept = JSON.createArrayNode();
            ArrayNode returned = JSON.createArrayNode();
            table.getValue().forEach(write -> (random.nextBoolean() ? kept : returned).add(write));
            forwarded += kept.size();
            put(tables, table.getKey(), kept);
            put(unprocessed, table.getKey(), returned);
        }
    }

    boolean isEmpty() {
        return forwarded == 0;
    }

    byte[] request() {
        return JSON.writeValueAsBytes(request);
    }

    /** DynamoDB's answer to {@link #request}, with the items that were never sent to it. */
    ProxyAnswer answer(ProxyAnswer answer) {
        if (answer.status() != 200) {
            return answer;
        }
        ObjectNode body = (ObjectNode) JSON.readTree(answer.body());
        body.set("UnprocessedItems", unprocessed);
        Map<String, List<String>> headers = new HashMap<>(answer.headers());
        // It is the checksum of the body before the change.
        headers.keySet().removeIf(header -> header.equalsIgnoreCase("x-amz-crc32"));
        return new ProxyAnswer(answer.status(), headers, JSON.writeValueAsBytes(body));
    }

    private static void put(ObjectNode tables, String table, ArrayNode writes) {
        if (writes.isEmpty()) {
            tables.remove(table);
        } else {
            tables.set(table, writes);
        }
    }
}
