package io.datastream.imaging.local.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

@EnabledOnOs(OS.LINUX)
class ProcessEnvironmentTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final String QUEUE = "arn:aws:sqs:eu-west-1:000000000000:uploads";

    @TempDir
    static Path folder;

    static Path jar;

    private final BlockingQueue<String> log = new LinkedBlockingQueue<>();

    @BeforeAll
    static void packTheFunction() throws Exception {
        jar = SampleFunctionJar.packWithJodaTime(folder.resolve("with-joda-time.jar"));
    }

    @Test
    void theRuntimeGivesTheHandlerEveryFieldOfTheMessage() throws Exception {
        Message message = Message.builder()
                .messageId("m-1")
                .receiptHandle("handle-1")
                .body("a \"quoted\" body, größer\n")
                .md5OfBody("0123")
                .attributes(Map.of(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT, "2"))
                .messageAttributes(Map.of(
                        "origin",
                        MessageAttributeValue.builder()
                                .dataType("String")
                                .stringValue("a test")
                                .build(),
                        "bytes",
                        MessageAttributeValue.builder()
                                .dataType("Binary")
                                .binaryValue(SdkBytes.fromUtf8String("binary"))
                                .build()))
                .build();

        try (ProcessEnvironment environment = start("SampleFunction::handleRequest")) {
            assertThat(invoke(environment, message))
                    .isEqualTo(response("m-1|handle-1|a \\\"quoted\\\" body, größer\\n|0123|2|a test|String|binary|"
                            + "aws:sqs|" + QUEUE + "|eu-west-1"));
        }
    }

    /** Why joda-time is in the function's jar although nothing of ours uses it. */
    @Test
    void withoutJodaTimeTheRuntimeCannotReadAnSqsEvent() throws Exception {
        Path without = SampleFunctionJar.packWithoutJodaTime(folder.resolve("without-joda-time.jar"));
        try (ProcessEnvironment environment =
                ProcessEnvironment.start(configuration("SampleFunction", TIMEOUT), without, log::add)) {
            assertThatThrownBy(() -> invoke(environment, "context")).hasMessageContaining("org.joda.time.DateTime");
        }
    }

    @Test
    void theHandlerFindsTheContextAndTheHeapThatLambdaWouldGiveIt() throws Exception {
        try (ProcessEnvironment environment = start("SampleFunction")) {
            assertThat(invoke(environment, "context")).isEqualTo(response("sample|256|true"));
            String heap = invoke(environment, "heap");
            assertThat(Integer.parseInt(heap.replaceAll("\\D", ""))).isBetween(200, 218);
        }
    }

    @Test
    void theProcessSeesLambdasVariablesAndTheFunctionsOwnButNotItsParents() throws Exception {
        try (ProcessEnvironment environment = start("SampleFunction")) {
            String variables = invoke(environment, "variables");

            assertThat(variables)
                    .contains("TABLE_NAME", "AWS_REGION", "AWS_LAMBDA_FUNCTION_NAME", "_HANDLER")
                    .doesNotContain("PATH", "HOME", "JAVA");
        }
    }

    @Test
    void aThrownErrorIsReportedAndTheEnvironmentLivesOn() throws Exception {
        try (ProcessEnvironment environment = start("SampleFunction")) {
            FunctionError error = catchThrowableOfType(FunctionError.class, () -> invoke(environment, "throw"));

            assertThat(error).hasMessage("java.lang.IllegalStateException: thrown on command");
            assertThat(error.errorType()).isEqualTo("java.lang.IllegalStateException");
            assertThat(environment.alive()).isTrue();
            assertThat(invoke(environment, "context")).isEqualTo(response("sample|256|true"));
        }
    }

    @Test
    void atTheDeadlineTheProcessIsDestroyed() throws Exception {
        try (ProcessEnvironment environment = start("SampleFunction")) {
            FunctionError error = catchThrowableOfType(
                    FunctionError.class,
                    () -> environment.invoke("id", event("hang"), Instant.now().plus(TIMEOUT)));

            assertThat(error).hasMessageContaining("Task timed out after 2.00 seconds");
            assertThat(error.isTimeout()).isTrue();
            assertThat(ended(environment)).isTrue();
        }
    }

    @Test
    void aProcessKilledFromOutsideFailsItsInvocationAtOnce() throws Exception {
        FunctionConfiguration patient = configuration("SampleFunction", Duration.ofMinutes(15));
        try (ProcessEnvironment environment = ProcessEnvironment.start(patient, jar, log::add);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<String> invocation = threads.submit(
                    () -> environment.invoke("id", event("hang"), Instant.now().plus(patient.timeout())));
            awaitLine("hanging");
            ProcessHandle.of(environment.pid()).orElseThrow().destroyForcibly();

            assertThatThrownBy(() -> invocation.get(30, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(FunctionError.class)
                    .hasMessageContaining("Runtime.ExitError")
                    .hasMessageContaining("signal: 9");
            assertThat(environment.alive()).isFalse();
            assertThatThrownBy(() -> invoke(environment, "context")).isInstanceOf(FunctionError.class);
        }
    }

    @Test
    void aFunctionThatCannotBeConstructedSaysWhyInItsOwnWords() {
        assertThatThrownBy(() -> start("SampleFunction$Broken"))
                .isInstanceOf(FunctionError.class)
                .hasMessageContaining("TABLE_NAME is not set");
    }

    /** The runtime reports a missing handler with the first invocation, not at the start. */
    @Test
    void aHandlerThatDoesNotExistIsNamed() throws Exception {
        try (ProcessEnvironment environment = start("NoSuchFunction")) {
            assertThatThrownBy(() -> invoke(environment, "context"))
                    .isInstanceOf(FunctionError.class)
                    .hasMessageContaining("NoSuchFunction");
        }
    }

    @Test
    void aProcessThatEndsBeforeItsFirstInvocationFailsTheStart() {
        assertThatThrownBy(() -> start("SampleFunction$Exiting"))
                .isInstanceOf(FunctionError.class)
                .hasMessageContaining("exit status 3");
    }

    @Test
    void manyEnvironmentsStartAtTheSameTime() throws Exception {
        List<Callable<String>> starts = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            starts.add(() -> {
                try (ProcessEnvironment environment = start("SampleFunction")) {
                    return environment.invoke(
                            "id", event("context"), Instant.now().plusSeconds(30));
                }
            });
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<String> started : threads.invokeAll(starts)) {
                assertThat(started.get()).isEqualTo(response("sample|256|true"));
            }
        }
    }

    private ProcessEnvironment start(String handler) throws FunctionError {
        return ProcessEnvironment.start(configuration(handler, TIMEOUT), jar, log::add);
    }

    private static FunctionConfiguration configuration(String handler, Duration timeout) {
        return new FunctionConfiguration(
                "sample",
                "$LATEST",
                SampleFunction.class.getPackageName() + "." + handler,
                256,
                timeout,
                Map.of("TABLE_NAME", "ImageMetadata"));
    }

    private static String invoke(ExecutionEnvironment environment, String body) throws FunctionError {
        return invoke(environment, Message.builder().messageId("m").body(body).build());
    }

    private static String invoke(ExecutionEnvironment environment, Message message) throws FunctionError {
        return environment.invoke("id", event(message), Instant.now().plusSeconds(30));
    }

    private static String event(String body) {
        return event(Message.builder().messageId("m").body(body).build());
    }

    private static String event(Message message) {
        EventBatch batch = new EventBatch(QUEUE, 1);
        batch.add(message);
        return batch.toJson();
    }

    private static String response(String answer) {
        return "{\"batchItemFailures\":[{\"itemIdentifier\":\"" + answer + "\"}]}";
    }

    private static boolean ended(ProcessEnvironment environment) throws Exception {
        return ProcessHandle.of(environment.pid())
                .map(ProcessHandle::onExit)
                .map(exit -> exit.orTimeout(30, TimeUnit.SECONDS).join())
                .map(process -> !process.isAlive())
                .orElse(true);
    }

    private void awaitLine(String text) throws InterruptedException {
        String line;
        do {
            line = log.poll(30, TimeUnit.SECONDS);
            assertThat(line).isNotNull();
        } while (!line.contains(text));
    }
}
