package io.datastream.imaging.local.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.model.Message;

class InProcessEnvironmentTest {

    private static final FunctionConfiguration FUNCTION =
            new FunctionConfiguration("sample", "$LATEST", "none", 256, Duration.ofSeconds(1), Map.of());

    private final BlockingQueue<String> log = new LinkedBlockingQueue<>();
    private final InProcessEnvironment environment = new InProcessEnvironment(FUNCTION, new SampleFunction(), log::add);

    @Test
    void theHandlerGetsTheEventAndItsContext() throws Exception {
        assertThat(invoke("context")).isEqualTo("{\"batchItemFailures\":[{\"itemIdentifier\":\"sample|256|true\"}]}");
    }

    @Test
    void noFailuresAreAnEmptyList() throws Exception {
        InProcessEnvironment succeeding =
                new InProcessEnvironment(FUNCTION, InProcessEnvironmentTest::succeed, log::add);

        assertThat(succeeding.invoke("id", event("any"), Instant.now().plusSeconds(30)))
                .isEqualTo("{\"batchItemFailures\":[]}");
        assertThat(log).containsExactly("id");
    }

    @Test
    void aThrownErrorIsNamedAndTheEnvironmentLivesOn() {
        FunctionError error = catchThrowableOfType(FunctionError.class, () -> invoke("throw"));

        assertThat(error).hasMessage("java.lang.IllegalStateException: thrown on command");
        assertThat(environment.alive()).isTrue();
    }

    @Test
    void theDeadlineEndsTheEnvironment() {
        FunctionError error = catchThrowableOfType(
                FunctionError.class,
                () -> environment.invoke("id", event("hang"), Instant.now().plusMillis(200)));

        assertThat(error.isTimeout()).isTrue();
        assertThat(environment.alive()).isFalse();
    }

    @Test
    void aKilledEnvironmentFailsItsInvocation() {
        CompletableFuture<Void> killed = CompletableFuture.runAsync(() -> {
            await().until(() -> log.contains("hanging\n"));
            environment.kill();
        });

        assertThatThrownBy(() ->
                        environment.invoke("id", event("hang"), Instant.now().plusSeconds(60)))
                .isInstanceOf(FunctionError.class)
                .hasMessageContaining("killed");
        killed.join();
    }

    private String invoke(String body) throws FunctionError {
        return environment.invoke("id", event(body), Instant.now().plusSeconds(30));
    }

    private static SQSBatchResponse succeed(SQSEvent event, Context context) {
        context.getLogger().log(context.getAwsRequestId());
        return new SQSBatchResponse(List.of());
    }

    private static String event(String body) {
        EventBatch batch = new EventBatch("arn:aws:sqs:eu-west-1:000000000000:uploads", 1);
        batch.add(Message.builder().messageId("m").body(body).build());
        return batch.toJson();
    }
}
