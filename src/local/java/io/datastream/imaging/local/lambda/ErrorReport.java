package io.datastream.imaging.local.lambda;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** What the runtime interface client posts when the function threw; its stack trace is in the log already. */
record ErrorReport(String errorType, String errorMessage) {

    private static final JsonFactory JSON = new JsonFactory();

    static ErrorReport parse(String body) {
        String type = "Runtime.Unknown";
        String message = "";
        try (JsonParser parser = JSON.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return new ErrorReport(type, body);
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                switch (field) {
                    case "errorType" -> type = parser.getValueAsString(type);
                    case "errorMessage" -> message = parser.getValueAsString(message);
                    default -> parser.skipChildren();
                }
            }
            return new ErrorReport(type, message);
        } catch (IOException unused) {
            return new ErrorReport(type, body);
        }
    }

    FunctionError toFunctionError() {
        return new FunctionError(errorType, errorMessage);
    }
}
