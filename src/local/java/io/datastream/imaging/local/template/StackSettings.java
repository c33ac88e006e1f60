package io.datastream.imaging.local.template;

import java.net.URI;
import java.util.Map;
import java.util.Objects;

/**
 * What a template does not say about its stack.
 *
 * @param stackName begins the generated names of resources
 * @param region the value of {@code AWS::Region}
 * @param account the value of {@code AWS::AccountId}, twelve digits
 * @param queues where queues are served, a URL without a trailing slash: their URLs begin with it
 * @param parameters values for the template's parameters; the others keep their defaults
 */
public record StackSettings(
        String stackName, String region, String account, URI queues, Map<String, String> parameters) {
    public StackSettings {
        Objects.requireNonNull(stackName);
        Objects.requireNonNull(region);
        Objects.requireNonNull(queues);
        if (!account.matches("[0-9]{12}")) {
            throw new IllegalArgumentException("an account has twelve digits");
        }
        parameters = Map.copyOf(parameters);
    }

    Map<String, String> pseudoParameters() {
        return Map.of(
                "AWS::Region",
                region,
                "AWS::AccountId",
                account,
                "AWS::Partition",
                "aws",
                "AWS::URLSuffix",
                "amazonaws.com",
                "AWS::StackName",
                stackName,
                "AWS::StackId",
                "arn:aws:cloudformation:" + region + ":" + account + ":stack/" + stackName + "/local");
    }
}
