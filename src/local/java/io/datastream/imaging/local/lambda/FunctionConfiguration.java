package io.datastream.imaging.local.lambda;

import java.time.Duration;
import java.util.Map;

/**
 * A Lambda function as its template describes it.
 *
 * @param name the function's name
 * @param version the published version, or {@code $LATEST}
 * @param handler {@code package.Class::method}, or {@code package.Class} of a request handler
 * @param memorySize megabytes, 128 to 10,240
 * @param timeout how long one invocation may take, 1 second to 15 minutes
 * @param environment the function's variables, and those of {@code AWS_REGION}, credentials and endpoints that differ
 *     from the embedded account's defaults
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html">CreateFunction</a>
 */
public record FunctionConfiguration(
        String name,
        String version,
        String handler,
        int memorySize,
        Duration timeout,
        Map<String, String> environment) {

    private static final String DEFAULT_REGION = "us-east-1";

    public FunctionConfiguration {
        if (name.isBlank() || version.isBlank() || handler.isBlank()) {
            throw new IllegalArgumentException("A function needs a name, a version and a handler");
        }
        if (memorySize < 128 || memorySize > 10_240) {
            throw new IllegalArgumentException("MemorySize must be 128 to 10240 megabytes, not " + memorySize);
        }
        if (timeout.compareTo(Duration.ofSeconds(1)) < 0 || timeout.compareTo(Duration.ofMinutes(15)) > 0) {
            throw new IllegalArgumentException("Timeout must be 1 to 900 seconds, not " + timeout);
        }
        environment = Map.copyOf(environment);
    }

    String region() {
        return environment.getOrDefault("AWS_REGION", DEFAULT_REGION);
    }

    String arn() {
        return "arn:aws:lambda:%s:000000000000:function:%s".formatted(region(), name);
    }
}
