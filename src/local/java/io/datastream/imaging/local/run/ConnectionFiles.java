package io.datastream.imaging.local.run;

import io.datastream.imaging.local.LocalCloud;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;

/**
 * Files from which other programs find the running pipeline: a shell script that sets the variables of the AWS CLI and
 * the SDKs, and the stack as {@code aws cloudformation describe-stacks} prints it. Closing deletes them.
 */
final class ConnectionFiles implements AutoCloseable {
    private final Path variables;
    private final Path outputs;
    private final LocalCloud cloud;

    ConnectionFiles(Path folder, LocalCloud cloud) {
        this.variables = folder.resolve("local.env");
        this.outputs = folder.resolve("local-outputs.json");
        this.cloud = cloud;
    }

    Path variables() {
        return variables;
    }

    Path outputs() {
        return outputs;
    }

    /** Writes both files, over those of an earlier run. */
    void write(URI control, String patientIdPattern) {
        writeOutputs(patientIdPattern);
        write(
                variables,
                """
                unset AWS_PROFILE AWS_SESSION_TOKEN
                export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=%1$s AWS_DEFAULT_REGION=%1$s
                export AWS_ENDPOINT_URL_S3=%2$s AWS_ENDPOINT_URL_SQS=%3$s AWS_ENDPOINT_URL_DYNAMODB=%4$s
                export LOCAL_RUN=%5$s
                """
                        .formatted(
                                LocalCloud.REGION,
                                cloud.s3Endpoint(),
                                cloud.sqsEndpoint(),
                                cloud.dynamoDbEndpoint(),
                                control));
    }

    /** Writes the stack's outputs, and the one parameter that can change. */
    void writeOutputs(String patientIdPattern) {
        Map<String, Object> stack = new LinkedHashMap<>();
        stack.put("StackName", "local");
        stack.put("StackStatus", "CREATE_COMPLETE");
        stack.put(
                "Parameters", List.of(Map.of("ParameterKey", "PatientIdPattern", "ParameterValue", patientIdPattern)));
        stack.put(
                "Outputs",
                cloud.outputs().entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(output ->
                                new TreeMap<>(Map.of("OutputKey", output.getKey(), "OutputValue", output.getValue())))
                        .toList());
        write(
                outputs,
                JsonMapper.shared()
                                .writerWithDefaultPrettyPrinter()
                                .writeValueAsString(Map.of("Stacks", List.of(stack)))
                        + "\n");
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(variables);
            Files.deleteIfExists(outputs);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
