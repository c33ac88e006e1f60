package io.datastream.imaging.local.lambda;

import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/** Calls an observer with each invocation of another environment when it has ended. */
public final class ObservedEnvironment implements ExecutionEnvironment {

    /**
     * One invocation that is over.
     *
     * @param event as JSON, with all messages
     * @param started when the function got the event
     * @param ended when its answer, or its error, was there
     * @param response as JSON; absent after an error
     */
    public record Invocation(String event, Instant started, Instant ended, Optional<String> response) {}

    private final ExecutionEnvironment environment;
    private final Consumer<Invocation> observer;

    public ObservedEnvironment(ExecutionEnvironment environment, Consumer<Invocation> observer) {
        this.environment = environment;
        this.observer = observer;
    }

    @Override
    public String invoke(String invocationId, String eventJson, Instant deadline) throws FunctionError {
        Instant started = Instant.now();
        Optional<String> response = Optional.empty();
        try {
            String answer = environment.invoke(invocationId, eventJson, deadline);
            response = Optional.of(answer);
            return answer;
        } finally {
            observer.accept(new Invocation(eventJson, started, Instant.now(), response));
        }
    }

    @Override
    public boolean alive() {
        return environment.alive();
    }

    @Override
    public void kill() {
        environment.kill();
    }

    @Override
    public void close() {
        environment.close();
    }
}
