package io.datastream.imaging.local;

import io.datastream.imaging.local.template.Template;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The settings of an embedded cloud.
 *
 * @param template describes the pipeline
 * @param parameters values for the template's parameters; the others keep their defaults
 * @param function the code that runs when the template's function is invoked
 * @param s3Port 0 for any free port
 * @param sqsPort 0 for any free port
 * @param dynamoDbPort 0 for any free port
 * @param executionEnvironments the most that run at once, besides what the template says; at least 1
 * @param seed of the faults' random choices
 */
public record CloudSettings(
        Template template,
        Map<String, String> parameters,
        FunctionCode function,
        int s3Port,
        int sqsPort,
        int dynamoDbPort,
        int executionEnvironments,
        long seed) {
    public CloudSettings {
        Objects.requireNonNull(template);
        Objects.requireNonNull(function);
        parameters = Map.copyOf(parameters);
        if (executionEnvironments < 1) {
            throw new IllegalArgumentException("a function needs at least one execution environment");
        }
    }

    /** Any free ports, an execution environment for each processor. */
    public static CloudSettings of(Template template, FunctionCode function) {
        int processors = Runtime.getRuntime().availableProcessors();
        return new CloudSettings(template, Map.of(), function, 0, 0, 0, processors, 1);
    }

    public CloudSettings withParameter(String name, Object value) {
        Map<String, String> more = new HashMap<>(parameters);
        more.put(name, String.valueOf(value));
        return withParameters(more);
    }

    public CloudSettings withParameters(Map<String, String> all) {
        return new CloudSettings(template, all, function, s3Port, sqsPort, dynamoDbPort, executionEnvironments, seed);
    }

    public CloudSettings withPorts(int s3, int sqs, int dynamoDb) {
        return new CloudSettings(template, parameters, function, s3, sqs, dynamoDb, executionEnvironments, seed);
    }

    public CloudSettings withExecutionEnvironments(int most) {
        return new CloudSettings(template, parameters, function, s3Port, sqsPort, dynamoDbPort, most, seed);
    }

    public CloudSettings withSeed(long newSeed) {
        return new CloudSettings(
                template, parameters, function, s3Port, sqsPort, dynamoDbPort, executionEnvironments, newSeed);
    }
}
