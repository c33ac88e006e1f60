package io.datastream.imaging.deadletter;

import io.datastream.imaging.metadata.MessageReader;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.services.sqs.SqsClient;

/** A replay for tests outside of this package: queues, clock, waiting and randomness are the caller's. */
public final class DrivenReplay {

    private DrivenReplay() {}

    /**
     * Sends all messages of a queue to another one.
     *
     * @param wait waits for a time
     */
    public static Drain.Report run(
            SqsClient sqs,
            String from,
            String to,
            MessageReader reader,
            boolean isForced,
            Consumer<Duration> wait,
            InstantSource clock,
            RandomGenerator random) {
        Cancellation cancellation = new Cancellation() {
            @Override
            public boolean passes(Duration duration) {
                return !isCancelled() && sleeps(duration) && !isCancelled();
            }

            @Override
            boolean sleeps(Duration duration) {
                wait.accept(duration);
                return true;
            }
        };
        Retries retries = new Retries(cancellation, clock, random);
        Replay.Settings settings = new Replay.Settings(
                Selection.ALL, isForced, false, false, OptionalDouble.empty(), OptionalLong.empty());
        Replay replay = new Replay(new Queue(sqs, to, retries), settings, cancellation, clock);
        MessageExaminer examiner = new MessageExaminer(reader, Optional.empty());
        return new Drain(new Queue(sqs, from, retries), examiner, replay, cancellation, clock).run();
    }
}
