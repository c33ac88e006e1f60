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
 * @param functions the code of functions, by their logical IDs in the template; the others, and what feeds them, are
 *     left out
 * @param s3Port 0 for any free port
 * @param sqsPort 0 for any free port
 * @param dynamoDbPort 0 for any free port
 * @param executionEnvironments the most that run at once, besides what the template says; at least 1
 * @param seed of the faults' random choices
 */
public record CloudSettings(
        Template template,
        Map<String, String> parameters,
        Map<String, FunctionCode> functions,
        int s3Port,
        int sqsPort,
        int dynamoDbPort,
        int executionEnvironments,
        long seed) {
    /** The logical ID of the function that writes a record for each upload. */
    public static final String INGEST = "Function";

    /** The logical ID of the function that compares inventories with the table. */
    public static final String RECONCILE = "ReconcileFunction";

    public CloudSettings {
        Objects.requireNonNull(template);
        functions = Map.copyOf(functions);
        parameters = Map.copyOf(parameters);
        if (executionEnvironments < 1) {
            throw new IllegalArgumentException("a function needs at least one execution environment");
        }
    }

    /** The ingest function only, any free ports, an execution environment for each processor. */
    public static CloudSettings of(Template template, FunctionCode ingest) {
        int processors = Runtime.getRuntime().availableProcessors();
        return new CloudSettings(template, Map.of(), Map.of(INGEST, ingest), 0, 0, 0, processors, 1);
    }

    public CloudSettings withFunction(String logicalId, FunctionCode code) {
        Map<String, FunctionCode> more = new HashMap<>(functions);
        more.put(logicalId, code);
        return new CloudSettings(
                template, parameters, more, s3Port, sqsPort, dynamoDbPort, executionEnvironments, seed);
    }

    public CloudSettings withParameter(String name, Object value) {
        Map<String, String> more = new HashMap<>(parameters);
        more.put(name, String.valueOf(value));
        return withParameters(more);
    }

    public CloudSettings withParameters(Map<String, String> all) {
        return new CloudSettings(template, all, functions, s3Port, sqsPort, dynamoDbPort, executionEnvironments, seed);
    }

    public CloudSettings withPorts(int s3, int sqs, int dynamoDb) {
        return new CloudSettings(template, parameters, functions, s3, sqs, dynamoDb, executionEnvironments, seed);
    }

    public CloudSettings withExecutionEnvironments(int most) {
        return new CloudSettings(template, parameters, functions, s3Port, sqsPort, dynamoDbPort, most, seed);
    }

    public CloudSettings withSeed(long newSeed) {
        return new CloudSettings(
                template, parameters, functions, s3Port, sqsPort, dynamoDbPort, executionEnvironments, newSeed);
    }
}
