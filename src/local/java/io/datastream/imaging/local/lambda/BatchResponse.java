package io.datastream.imaging.local.lambda;

import java.util.HashSet;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The messages of a batch that were not processed, according to the function's response. Read strictly, as Lambda does;
 * the runtime's own serializers would accept more.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html">Partial batch
 *     responses: conditions of success and failure</a>
 */
final class BatchResponse {

    /** A response that fails the whole batch. */
    static final class Malformed extends Exception {

        private static final long serialVersionUID = 1L;

        Malformed(String reason) {
            super(reason);
        }
    }

    private BatchResponse() {}

    /**
     * The identifiers of the batch item failures; none for an empty or null response, and for an empty or null list.
     *
     * @param messageIds the messages of the batch
     * @throws Malformed if the response is not JSON of the documented form, or names a message that is not in the batch
     */
    static Set<String> failures(String response, Set<String> messageIds) throws Malformed {
        JsonNode root;
        try {
            root = JsonMapper.shared().readTree(response);
        } catch (JacksonException notJson) {
            throw new Malformed("the response is not JSON");
        }
        if (root.isMissingNode() || root.isNull()) {
            return Set.of();
        }
        require(root.isObject(), "the response is not an object");
        JsonNode list = root.path("batchItemFailures");
        require(list.isMissingNode() || list.isNull() || list.isArray(), "batchItemFailures is not a list");
        Set<String> failures = new HashSet<>();
        for (JsonNode failure : list) {
            JsonNode identifier = failure.path("itemIdentifier");
            require(identifier.isString() && !identifier.stringValue().isEmpty(), "a failure has no itemIdentifier");
            require(messageIds.contains(identifier.stringValue()), "an itemIdentifier is not of this batch");
            failures.add(identifier.stringValue());
        }
        return failures;
    }

    private static void require(boolean condition, String otherwise) throws Malformed {
        if (!condition) {
            throw new Malformed(otherwise);
        }
    }
}
