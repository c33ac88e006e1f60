package io.datastream.imaging.cli;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.datastream.imaging.cli.BaseCommand.OperatorException;
import io.datastream.imaging.deadletter.Retries;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.cloudformation.model.CloudFormationException;
import software.amazon.awssdk.services.cloudformation.model.Stack;

/**
 * A stack of {@code cloudformation/pipeline.yaml}, from CloudFormation or from a file.
 *
 * @param name empty if a file has outputs only
 * @param state such as {@code CREATE_COMPLETE}; empty if a file has outputs only
 * @param parameters empty if they come from CloudFormation
 */
record DeployedStack(
        Optional<String> name, Optional<String> state, Map<String, String> outputs, Map<String, String> parameters) {

    static final String DEAD_LETTER_QUEUE_URL = "DeadLetterQueueUrl";
    static final String UNDELIVERED_QUEUE_URL = "SubscriptionDeadLetterQueueUrl";
    static final String QUEUE_URL = "QueueUrl";
    static final String TABLE_NAME = "TableName";
    static final String FUNCTION_NAME = "FunctionName";
    static final String FUNCTION_ALIAS_ARN = "FunctionAliasArn";
    static final String EVENT_SOURCE_ID = "EventSourceId";

    /**
     * Looks a stack up.
     *
     * @throws OperatorException if there is no such stack
     */
    static DeployedStack find(CloudFormationClient cloudFormation, String name) {
        try {
            Stack stack = cloudFormation
                    .describeStacks(request -> request.stackName(name))
                    .stacks()
                    .getFirst();
            Map<String, String> outputs = new HashMap<>();
            stack.outputs().forEach(output -> outputs.put(output.outputKey(), output.outputValue()));
            return new DeployedStack(
                    Optional.of(name), Optional.ofNullable(stack.stackStatusAsString()), outputs, Map.of());
        } catch (CloudFormationException e) {
            if (Retries.code(e).equals("ValidationError")) {
                throw new OperatorException(
                        "there is no stack " + name
                                + " in this Region and account: see `aws cloudformation list-stacks`, and AWS_REGION",
                        e);
            }
            throw e;
        }
    }

    /**
     * Reads the response of {@code aws cloudformation describe-stacks}, one stack of it, or its outputs alone.
     *
     * @throws OperatorException if it is something else
     */
    static DeployedStack read(Path file) throws IOException {
        try {
            JsonNode root = new JsonMapper().readTree(file.toFile());
            JsonNode stack = root.has("Stacks") ? root.path("Stacks").path(0) : root;
            Map<String, String> outputs =
                    values(stack.isArray() ? stack : stack.path("Outputs"), "OutputKey", "OutputValue");
            if (!outputs.isEmpty()) {
                return new DeployedStack(
                        Optional.ofNullable(stack.path("StackName").textValue()),
                        Optional.ofNullable(stack.path("StackStatus").textValue()),
                        outputs,
                        values(stack.path("Parameters"), "ParameterKey", "ParameterValue"));
            }
        } catch (JacksonException e) {
            // As if it had no outputs.
        }
        throw new OperatorException(file
                + " has no outputs of a stack: write it with `aws cloudformation describe-stacks --stack-name NAME`");
    }

    private static Map<String, String> values(JsonNode list, String key, String value) {
        Map<String, String> values = new HashMap<>();
        list.forEach(one -> values.put(one.path(key).asText(), one.path(value).asText()));
        return values;
    }

    Optional<String> output(String key) {
        return Optional.ofNullable(outputs.get(key));
    }

    /**
     * An output that every stack of the template has.
     *
     * @throws OperatorException if this one has not, with its state
     */
    String required(String key) {
        return output(key)
                .orElseThrow(() -> new OperatorException("stack " + name.orElse("of the file") + " has no output " + key
                        + (state.isEmpty() || state.get().matches("(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE")
                                ? ": is it a stack of cloudformation/pipeline.yaml?"
                                : " because it is in state " + state.get()
                                        + ": see `aws cloudformation describe-stack-events`, deploy it, or give the"
                                        + " queues by hand")));
    }
}
