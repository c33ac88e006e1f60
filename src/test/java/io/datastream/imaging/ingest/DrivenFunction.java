package io.datastream.imaging.ingest;

import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import io.datastream.imaging.metadata.MessageReader;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** The function for tests outside of this package: clock, waiting, threads, randomness and table are the caller's. */
public final class DrivenFunction {

    /** The ways in which the function waits. */
    public interface Wait {

        /** Waits for a time. */
        void sleep(Duration duration) throws InterruptedException;

        /** Waits for an element; null if none came in time. */
        <T> @Nullable T poll(BlockingQueue<T> queue, Duration timeout) throws InterruptedException;
    }

    private static final Duration FIRST_BACKOFF = Duration.ofMillis(50);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(2);

    private final IngestHandler handler;

    public DrivenFunction(
            MessageReader reader,
            DynamoDbClient client,
            String tableName,
            Executor executor,
            RandomGenerator random,
            InstantSource clock,
            Wait wait) {
        Waiting waiting = new Waiting() {
            @Override
            public void sleep(Duration duration) throws InterruptedException {
                wait.sleep(duration);
            }

            @Override
            public <T> @Nullable T poll(BlockingQueue<T> queue, Duration timeout) throws InterruptedException {
                return wait.poll(queue, timeout);
            }
        };
        Backoff backoff = new Backoff(FIRST_BACKOFF, LONGEST_BACKOFF, random);
        handler =
                new IngestHandler(reader, new BatchWriter(client, tableName, executor, backoff, clock, waiting), clock);
    }

    /** One invocation. */
    public SQSBatchResponse handle(SQSEvent event, Duration timeLeft, Consumer<String> log) {
        return handler.handle(event, timeLeft, "ingest", log);
    }
}
