package io.datastream.imaging.cli;

import io.datastream.imaging.metadata.PatientIdPattern;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.cloudformation.model.CloudFormationException;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.EnvironmentResponse;
import software.amazon.awssdk.services.lambda.model.FunctionConfiguration;
import software.amazon.awssdk.services.lambda.model.GetFunctionConfigurationResponse;

/** A deployed stack of {@code cloudformation/pipeline.yaml}: what its outputs and its function tell. */
final class DeployedStack {

    static final String DEAD_LETTER_QUEUE_URL = "DeadLetterQueueUrl";
    static final String QUEUE_URL = "QueueUrl";
    static final String TABLE_NAME = "TableName";
    static final String FUNCTION_NAME = "FunctionName";
    static final String FUNCTION_ALIAS_ARN = "FunctionAliasArn";
    static final String EVENT_SOURCE_ID = "EventSourceId";

    /** The function's environment variable. */
    static final String PATIENT_ID_PATTERN = "PATIENT_ID_PATTERN";

    /**
     * The function's patient ID patterns.
     *
     * @param current of the version that the queue feeds
     * @param earlier of the latest version before it that had another one, if there is one
     */
    record Patterns(String current, Optional<String> earlier) {}

    private final String name;
    private final Map<String, String> outputs;

    private DeployedStack(String name, Map<String, String> outputs) {
        this.name = name;
        this.outputs = outputs;
    }

    /**
     * Asks CloudFormation.
     *
     * @throws OperatorException if there is no such stack
     */
    static DeployedStack find(CloudFormationClient cloudFormation, String name) {
        try {
            Map<String, String> outputs = new HashMap<>();
            cloudFormation.describeStacks(request -> request.stackName(name)).stacks().stream()
                    .flatMap(stack -> stack.outputs().stream())
                    .forEach(output -> outputs.put(output.outputKey(), output.outputValue()));
            return new DeployedStack(name, outputs);
        } catch (CloudFormationException e) {
            if (ErrorMessage.code(e).equals("ValidationError")) {
                throw new OperatorException(
                        "there is no stack " + name
                                + " in this region and account: see `aws cloudformation list-stacks`, and AWS_REGION",
                        e);
            }
            throw e;
        }
    }

    Optional<String> output(String key) {
        return Optional.ofNullable(outputs.get(key));
    }

    /**
     * An output that every stack of the template has.
     *
     * @throws OperatorException if it is another template's stack
     */
    String required(String key) {
        return output(key)
                .orElseThrow(() -> new OperatorException("stack " + name + " has no output " + key
                        + ": is it a stack of cloudformation/pipeline.yaml?"));
    }

    /** Asks Lambda for the environment of what the queue feeds: the alias's version, or the unpublished function. */
    Patterns patterns(LambdaClient lambda) {
        String function = output(FUNCTION_ALIAS_ARN).orElseGet(() -> required(FUNCTION_NAME));
        GetFunctionConfigurationResponse deployed =
                lambda.getFunctionConfiguration(request -> request.functionName(function));
        String current = pattern(deployed.environment());
        return new Patterns(current, earlierPattern(lambda, deployed.version(), current));
    }

    private Optional<String> earlierPattern(LambdaClient lambda, String version, String current) {
        if (!isPublished(version)) {
            return Optional.empty();
        }
        String function = required(FUNCTION_NAME);
        try {
            return lambda.listVersionsByFunctionPaginator(request -> request.functionName(function)).versions().stream()
                    .filter(other -> isPublished(other.version())
                            && Long.parseLong(other.version()) < Long.parseLong(version)
                            && !pattern(other.environment()).equals(current))
                    .max(Comparator.comparingLong(other -> Long.parseLong(other.version())))
                    .map(FunctionConfiguration::environment)
                    .map(DeployedStack::pattern);
        } catch (AwsServiceException e) {
            // A help only, and it can be given by hand.
            return Optional.empty();
        }
    }

    private static boolean isPublished(String version) {
        return version.chars().allMatch(Character::isDigit);
    }

    private static String pattern(EnvironmentResponse environment) {
        String pattern = environment == null ? null : environment.variables().get(PATIENT_ID_PATTERN);
        return pattern == null ? PatientIdPattern.DEFAULT : pattern;
    }
}
