package io.datastream.imaging.cli;

import io.datastream.imaging.deadletter.MessageExaminer;
import io.datastream.imaging.deadletter.Queue;
import io.datastream.imaging.deadletter.Retries;
import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.PatientIdPattern;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.EnvironmentResponse;
import software.amazon.awssdk.services.sqs.SqsClient;

/** A command for one pipeline, which it finds by a stack, by a file of outputs, or in the local run. */
abstract class PipelineCommand extends BaseCommand {

    private static final Pattern EXPORT = Pattern.compile("(AWS_[A-Z0-9_]+)=(\\S+)");

    @Option(names = "--stack", paramLabel = "NAME", description = "CloudFormation stack of the pipeline.")
    private @Nullable String stackName;

    @Option(
            names = "--outputs",
            paramLabel = "FILE",
            description = "Instead of --stack: the answer of `aws cloudformation describe-stacks`, or its outputs.")
    private @Nullable Path outputs;

    @Option(
            names = "--local",
            paramLabel = "FOLDER",
            arity = "0..1",
            fallbackValue = "target",
            description = "Instead of --stack: the local run that writes its files to FOLDER (default: target).")
    private @Nullable Path local;

    private @Nullable Clients clients;
    private @Nullable SqsClient sqs;
    private @Nullable DeployedStack stack;

    final InstantSource clock() {
        return InstantSource.system();
    }

    final Retries retries() {
        return new Retries(cancellation, clock(), RandomGenerator.getDefault());
    }

    final Clients clients() throws IOException {
        if (clients == null) {
            clients = new Clients(local == null ? Map.of() : variablesOfTheLocalRun(local));
        }
        return clients;
    }

    private static Map<String, String> variablesOfTheLocalRun(Path folder) throws IOException {
        Path file = folder.resolve("local.env");
        if (!Files.exists(file)) {
            throw new OperatorException("no local run has written " + file
                    + ": start one with `mvn -q -Plocal verify`, or give its folder to --local");
        }
        Map<String, String> variables = new HashMap<>();
        Matcher matcher = EXPORT.matcher(Files.readString(file));
        while (matcher.find()) {
            variables.put(matcher.group(1), matcher.group(2));
        }
        return variables;
    }

    /** The stack, if the operator gives one. */
    final Optional<DeployedStack> stack() throws IOException {
        if (stack == null) {
            if (local != null) {
                // Names the missing local run, if there is none.
                var unused = clients();
                stack = DeployedStack.read(local.resolve("local-outputs.json"));
            } else if (outputs != null) {
                stack = DeployedStack.read(outputs);
            } else if (stackName != null) {
                try (CloudFormationClient cloudFormation = clients().cloudFormation()) {
                    stack = DeployedStack.find(cloudFormation, stackName);
                }
            }
        }
        return Optional.ofNullable(stack);
    }

    /**
     * A value that is given by hand, or is an output of the stack.
     *
     * @throws OperatorException if it is neither
     */
    final String given(@Nullable String byHand, String option, String output) throws IOException {
        if (byHand != null) {
            return byHand;
        }
        return stack().orElseThrow(() -> new OperatorException(
                        "which pipeline? Give --stack NAME, --outputs FILE or --local, or " + option))
                .required(output);
    }

    /**
     * A queue.
     *
     * @param urlOrName as the operator gives it
     */
    final Queue queue(String urlOrName) throws IOException {
        if (sqs == null) {
            sqs = clients().sqs();
        }
        SqsClient client = sqs;
        return new Queue(client, url(client, urlOrName), retries());
    }

    private String url(SqsClient client, String urlOrName) throws IOException {
        if (urlOrName.contains("://")) {
            return urlOrName;
        }
        Optional<String> other = stack().flatMap(deployed -> deployed.output(DeployedStack.QUEUE_URL));
        return other.isPresent()
                ? other.get().substring(0, other.get().lastIndexOf('/') + 1) + urlOrName
                : client.getQueueUrl(request -> request.queueName(urlOrName)).queueUrl();
    }

    /** The table, if it is known. */
    final Optional<MessageExaminer.Table> table(@Nullable String byHand) throws IOException {
        if (byHand == null && stack().isEmpty()) {
            return Optional.empty();
        }
        String name = given(byHand, "--table NAME", DeployedStack.TABLE_NAME);
        return Optional.of(new MessageExaminer.Table(clients().dynamoDb(), name, retries()));
    }

    /** A reader with the pattern that is given by hand, or else that of the deployed function, or else the default. */
    final MessageReader reader(@Nullable String byHand) throws IOException {
        return new MessageReader(pattern(byHand));
    }

    /** The pattern that is given by hand, or else that of the deployed function, or else the default. */
    final PatientIdPattern pattern(@Nullable String byHand) throws IOException {
        String pattern = byHand != null ? byHand : deployedPattern().orElse(PatientIdPattern.DEFAULT);
        try {
            return PatientIdPattern.compile(pattern);
        } catch (IllegalArgumentException e) {
            throw new OperatorException(String.valueOf(e.getMessage()), e);
        }
    }

    private Optional<String> deployedPattern() throws IOException {
        Optional<DeployedStack> deployed = stack();
        if (deployed.isEmpty() || deployed.get().parameters().containsKey("PatientIdPattern")) {
            return deployed.map(known -> known.parameters().get("PatientIdPattern"));
        }
        // The version that the queue feeds, or the function where no versions are published.
        String function = deployed.get()
                .output(DeployedStack.FUNCTION_ALIAS_ARN)
                .orElseGet(() -> deployed.get().required(DeployedStack.FUNCTION_NAME));
        try (LambdaClient lambda = clients().lambda()) {
            EnvironmentResponse environment = lambda.getFunctionConfiguration(request -> request.functionName(function))
                    .environment();
            return Optional.ofNullable(environment)
                    .map(known -> known.variables().get("PATIENT_ID_PATTERN"));
        }
    }
}
