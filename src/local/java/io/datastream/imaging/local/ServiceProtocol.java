package io.datastream.imaging.local;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** The throttling errors of a service with AWS's JSON protocol. */
enum ServiceProtocol {
    DYNAMODB(
            "application/x-amz-json-1.0",
            "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
            "com.amazon.coral.availability#ThrottlingException"),
    SQS("application/x-amz-json-1.0", "com.amazonaws.sqs#RequestThrottled", "com.amazonaws.sqs#RequestThrottled");

    private final String contentType;
    private final List<String> throttlingErrors;

    ServiceProtocol(String contentType, String... throttlingErrors) {
        this.contentType = contentType;
        this.throttlingErrors = List.of(throttlingErrors);
    }

    ProxyAnswer throttled(RandomGenerator random) {
        String error = throttlingErrors.get(random.nextInt(throttlingErrors.size()));
        String body = "{\"__type\":\"" + error + "\",\"message\":\"Too many requests\"}";
        return new ProxyAnswer(
                400, Map.of("Content-Type", List.of(contentType)), body.getBytes(StandardCharsets.UTF_8));
    }
}
