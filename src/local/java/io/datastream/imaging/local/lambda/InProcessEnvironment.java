package io.datastream.imaging.local.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.api.client.api.LambdaContext;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.amazonaws.services.lambda.runtime.serialization.PojoSerializer;
import com.amazonaws.services.lambda.runtime.serialization.events.LambdaEventSerializers;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An execution environment that calls the handler in this JVM, through the same (de)serialisation as Lambda's, for
 * tests that need no process. A killed handler is interrupted and abandoned: it may run on for a while.
 */
public final class InProcessEnvironment implements ExecutionEnvironment {

    private final FunctionConfiguration function;
    private final RequestHandler<SQSEvent, SQSBatchResponse> handler;
    private final Consumer<String> log;
    private final PojoSerializer<SQSEvent> events;
    private final PojoSerializer<SQSBatchResponse> responses;
    private final CompletableFuture<String> ended = new CompletableFuture<>();
    private volatile @Nullable Thread running;

    /** @param log takes what the handler logs by its context's logger */
    public InProcessEnvironment(
            FunctionConfiguration function, RequestHandler<SQSEvent, SQSBatchResponse> handler, Consumer<String> log) {
        this.function = function;
        this.handler = handler;
        this.log = log;
        ClassLoader classes = InProcessEnvironment.class.getClassLoader();
        this.events = LambdaEventSerializers.serializerFor(SQSEvent.class, classes);
        this.responses = LambdaEventSerializers.serializerFor(SQSBatchResponse.class, classes);
    }

    @Override
    public String invoke(String invocationId, String eventJson, Instant deadline) throws FunctionError {
        Context context = new LoggingContext(function, invocationId, deadline, log);
        CompletableFuture<String> outcome = new CompletableFuture<>();
        running = Thread.ofVirtual().name("function-" + invocationId).start(() -> {
            try {
                outcome.complete(handle(eventJson, context));
            } catch (Throwable thrown) { // as Lambda's runtime: an Error of the handler's is an answer, too
                outcome.completeExceptionally(thrown);
            }
        });
        try {
            long nanos = Duration.between(Instant.now(), deadline).toNanos();
            return (String) CompletableFuture.anyOf(outcome, ended).get(nanos, TimeUnit.NANOSECONDS);
        } catch (TimeoutException unused) {
            kill();
            throw FunctionError.timedOut("Task timed out after " + function.timeout());
        } catch (ExecutionException e) {
            Throwable thrown = e.getCause();
            if (thrown instanceof FunctionError error) {
                throw error;
            }
            throw new FunctionError(thrown.getClass().getName(), String.valueOf(thrown.getMessage()));
        } catch (InterruptedException unused) {
            kill();
            Thread.currentThread().interrupt();
            throw FunctionError.exited("interrupted while the function ran");
        }
    }

    private String handle(String eventJson, Context context) {
        SQSBatchResponse response = handler.handleRequest(events.fromJson(eventJson), context);
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        responses.toJson(response, json);
        return json.toString(StandardCharsets.UTF_8);
    }

    @Override
    public boolean alive() {
        return !ended.isDone();
    }

    @Override
    public void kill() {
        ended.completeExceptionally(FunctionError.exited("Runtime exited with error: signal: killed"));
        Thread handling = running;
        if (handling != null) {
            handling.interrupt();
        }
    }

    @Override
    public void close() {
        kill();
    }

    /** The runtime's own context, with another logger. */
    private static final class LoggingContext extends LambdaContext {

        private final Consumer<String> log;

        LoggingContext(FunctionConfiguration function, String invocationId, Instant deadline, Consumer<String> log) {
            super(
                    function.memorySize(),
                    deadline.toEpochMilli(),
                    invocationId,
                    "/aws/lambda/" + function.name(),
                    "[" + function.version() + "]",
                    function.name(),
                    null,
                    function.version(),
                    function.arn(),
                    null,
                    null,
                    null);
            this.log = log;
        }

        @Override
        public LambdaLogger getLogger() {
            return new LambdaLogger() {
                @Override
                public void log(String message) {
                    log.accept(message);
                }

                @Override
                public void log(byte[] message) {
                    log.accept(new String(message, StandardCharsets.UTF_8));
                }
            };
        }
    }
}
