package io.datastream.imaging.cli;

import io.datastream.imaging.deadletter.DeadLetterQueue;
import io.datastream.imaging.deadletter.MessageExaminer;
import io.datastream.imaging.deadletter.RecordLookup;
import io.datastream.imaging.deadletter.RunContext;
import io.datastream.imaging.deadletter.SourceQueue;
import io.datastream.imaging.deadletter.StopSignal;
import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.PatientIdPattern;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * One command at work on one pipeline: its parts, found as the options say when they are needed, and its end. Ctrl-C
 * stops the run and then waits for it to give back what it holds.
 */
final class Session implements AutoCloseable {

    /** Giving back 100,000 messages takes seconds; a terminal that hangs for longer is worse than a minute's wait. */
    private static final Duration LONGEST_FAREWELL = Duration.ofSeconds(30);

    private final PipelineOptions options;
    private final StopSignal stop = new StopSignal();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread atCtrlC = new Thread(this::stopAndWait, "ctrl-c");
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final SqsClient sqs;
    private @Nullable DeployedStack stack;
    private DeployedStack.@Nullable Patterns patterns;

    Session(PipelineOptions options) {
        this.options = options;
        this.sqs = open(Clients.sqs());
        Runtime.getRuntime().addShutdownHook(atCtrlC);
    }

    SqsClient sqs() {
        return sqs;
    }

    StopSignal stop() {
        return stop;
    }

    String deadLetterQueueUrl() {
        return given(options.deadLetterQueueUrl, "--dlq URL", DeployedStack.DEAD_LETTER_QUEUE_URL);
    }

    DeadLetterQueue deadLetterQueue() {
        return new DeadLetterQueue(sqs, deadLetterQueueUrl());
    }

    String queueUrl() {
        return given(options.queueUrl, "--queue URL", DeployedStack.QUEUE_URL);
    }

    /**
     * The queue to send to.
     *
     * @throws OperatorException if it is the dead-letter queue itself
     */
    SourceQueue sourceQueue() {
        String url = queueUrl();
        if (url.equals(deadLetterQueueUrl())) {
            throw new OperatorException("--queue and --dlq are the same queue: give the one that the function reads");
        }
        return new SourceQueue(sqs, url);
    }

    /** The stack's output, if the pipeline is given by a stack. */
    Optional<String> stackOutput(String key) {
        return stack().flatMap(deployed -> deployed.output(key));
    }

    /** A run over the dead-letter queue, with everything that tells what is in it. */
    RunContext runContext() {
        return RunContext.of(deadLetterQueue(), new MessageExaminer(reader(), earlierReader(), recordLookup()), stop);
    }

    private MessageReader reader() {
        return reader(
                options.pattern != null
                        ? options.pattern
                        : patterns().map(DeployedStack.Patterns::current).orElse(PatientIdPattern.DEFAULT));
    }

    private Optional<MessageReader> earlierReader() {
        return Optional.ofNullable(options.earlierPattern)
                .or(() ->
                        options.pattern != null ? Optional.empty() : patterns().flatMap(it -> it.earlier()))
                .map(Session::reader);
    }

    private static MessageReader reader(String pattern) {
        try {
            return new MessageReader(PatientIdPattern.compile(pattern));
        } catch (IllegalArgumentException e) {
            throw new OperatorException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Whether there is a table to ask. */
    boolean knowsTable() {
        return options.tableName != null || options.stack != null;
    }

    private Optional<RecordLookup> recordLookup() {
        if (!knowsTable()) {
            return Optional.empty();
        }
        String tableName = given(options.tableName, "--table NAME", DeployedStack.TABLE_NAME);
        DynamoDbClient dynamoDb = open(Clients.dynamoDb());
        return Optional.of(new RecordLookup(dynamoDb, tableName, stop));
    }

    private Optional<DeployedStack.Patterns> patterns() {
        if (patterns == null && options.stack != null) {
            try (LambdaClient lambda = Clients.lambda()) {
                patterns = requiredStack().patterns(lambda);
            }
        }
        return Optional.ofNullable(patterns);
    }

    private String given(@Nullable String byHand, String option, String output) {
        if (byHand != null) {
            return byHand;
        }
        if (options.stack == null) {
            throw new OperatorException("which pipeline? Give --stack NAME, or " + option);
        }
        return requiredStack().required(output);
    }

    private DeployedStack requiredStack() {
        return stack().orElseThrow(() -> new OperatorException("which pipeline? Give --stack NAME"));
    }

    private Optional<DeployedStack> stack() {
        String name = options.stack;
        if (stack == null && name != null) {
            try (CloudFormationClient cloudFormation = Clients.cloudFormation()) {
                stack = DeployedStack.find(cloudFormation, name);
            }
        }
        return Optional.ofNullable(stack);
    }

    private <T extends AutoCloseable> T open(T client) {
        opened.push(client);
        return client;
    }

    private void stopAndWait() {
        stop.raise();
        try {
            closed.await(LONGEST_FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                throw new IllegalStateException("a client does not close", e);
            }
        }
        closed.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(atCtrlC);
        } catch (IllegalStateException e) {
            // The JVM is ending: Ctrl-C brought us here.
        }
    }
}
