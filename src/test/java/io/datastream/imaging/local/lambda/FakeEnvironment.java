package io.datastream.imaging.local.lambda;

import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An environment whose function is a lambda of the test's. */
final class FakeEnvironment implements ExecutionEnvironment {

    /** What the function does with an event. */
    @FunctionalInterface
    interface Behaviour {
        String respond(String eventJson) throws FunctionError, InterruptedException;
    }

    private final Behaviour behaviour;
    private final CompletableFuture<Object> killed = new CompletableFuture<>();

    FakeEnvironment(Behaviour behaviour) {
        this.behaviour = behaviour;
    }

    @Override
    public String invoke(String invocationId, String eventJson, Instant deadline) throws FunctionError {
        ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor();
        try {
            CompletableFuture<Object> response = new CompletableFuture<>();
            thread.execute(() -> {
                try {
                    response.complete(behaviour.respond(eventJson));
                } catch (FunctionError | InterruptedException | RuntimeException thrown) {
                    response.completeExceptionally(thrown);
                }
            });
            return (String) CompletableFuture.anyOf(response, killed).get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof FunctionError error ? error : new FunctionError("Test", e.toString());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw FunctionError.exited("interrupted");
        } finally {
            thread.shutdownNow();
        }
    }

    @Override
    public boolean alive() {
        return !killed.isDone();
    }

    @Override
    public void kill() {
        killed.completeExceptionally(FunctionError.exited("killed"));
    }

    @Override
    public void close() {
        kill();
    }
}
