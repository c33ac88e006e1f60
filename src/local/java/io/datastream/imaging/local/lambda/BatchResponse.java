package io.datastream.imaging.local.lambda;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * Which messages of a batch a function's response says were not processed.
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

    private static final JsonFactory JSON = new JsonFactory();

    private BatchResponse() {}

    /**
     * The identifiers of the batch item failures; none for an empty or null response, and for an empty or null list.
     *
     * @param messageIds the messages of the batch
     * @throws Malformed if the response is not JSON of the documented form, or names no message of the batch
     */
    static Set<String> failures(String response, Set<String> messageIds) throws Malformed {
        Set<String> failures = new HashSet<>();
        try (JsonParser parser = JSON.createParser(response)) {
            JsonToken start = parser.nextToken();
            if (start == null || start == JsonToken.VALUE_NULL) {
                return failures;
            }
            require(start == JsonToken.START_OBJECT, "the response is not an object");
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean isFailures = parser.currentName().equals("batchItemFailures");
                parser.nextToken();
                if (isFailures) {
                    readFailures(parser, messageIds, failures);
                } else {
                    parser.skipChildren();
                }
            }
            require(parser.nextToken() == null, "the response is more than one value");
            return failures;
        } catch (IOException notJson) {
            throw new Malformed("the response is not JSON");
        }
    }

    private static void readFailures(JsonParser parser, Set<String> messageIds, Set<String> failures)
            throws IOException, Malformed {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        require(parser.currentToken() == JsonToken.START_ARRAY, "batchItemFailures is not a list");
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            require(parser.currentToken() == JsonToken.START_OBJECT, "a batch item failure is not an object");
            failures.add(readIdentifier(parser, messageIds));
        }
    }

    private static String readIdentifier(JsonParser parser, Set<String> messageIds) throws IOException, Malformed {
        String identifier = "";
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            boolean isIdentifier = parser.currentName().equals("itemIdentifier");
            JsonToken value = parser.nextToken();
            if (isIdentifier && value == JsonToken.VALUE_STRING) {
                identifier = parser.getText();
            } else {
                parser.skipChildren();
            }
        }
        require(!identifier.isEmpty(), "a batch item failure has no itemIdentifier");
        require(messageIds.contains(identifier), "an itemIdentifier is not of this batch");
        return identifier;
    }

    private static void require(boolean condition, String otherwise) throws Malformed {
        if (!condition) {
            throw new Malformed(otherwise);
        }
    }
}
