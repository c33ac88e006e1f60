package io.datastream.imaging.cli;

import java.util.OptionalInt;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.GetEventSourceMappingResponse;

/**
 * What feeds the queue to the function.
 *
 * @param state Lambda's word, {@code Enabled} if all is well
 * @param maximumConcurrency the most invocations it may cause at once, if there is a limit
 */
record EventSource(String state, OptionalInt maximumConcurrency) {

    static EventSource read(LambdaClient lambda, String id) {
        GetEventSourceMappingResponse mapping = lambda.getEventSourceMapping(request -> request.uuid(id));
        Integer limit =
                mapping.scalingConfig() == null ? null : mapping.scalingConfig().maximumConcurrency();
        return new EventSource(mapping.state(), limit == null ? OptionalInt.empty() : OptionalInt.of(limit));
    }

    boolean isEnabled() {
        return "Enabled".equals(state);
    }
}
