package io.datastream.imaging.ingest;

import io.datastream.imaging.metadata.ImageMetadata;
import io.datastream.imaging.metadata.RecordKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * Writes records until all are in the table or the time is up.
 *
 * <p>It works in rounds: the calls of a round run in turn, or side by side if they are many; what can be tried again goes
 * into full calls of the next round, after a backoff. A call that DynamoDB finds invalid is taken apart into calls of one
 * record, so that the guilty one stands alone.
 */
final class BatchWriter {

    /** Threads that help the caller's. */
    static final int MAXIMUM_HELPERS = 3;

    /**
     * A helper takes over records that are in another core's cache, which costs as much as half of the call; four calls
     * in turn cost a few hundredths of a second, beside a batching window of one.
     */
    private static final int CALLS_PER_THREAD = 4;

    private static final String TIME_IS_UP = "deadline";
    private static final String UNPROCESSED = "unprocessed";

    private final DynamoDbClient client;
    private final String tableName;
    private final Executor helpers;
    private final Backoff backoff;
    private final InstantSource clock;
    private final Sleeper sleeper;

    /**
     * Makes a writer.
     *
     * @param client with its own retries off, and time-outs of {@link BatchWriteCall#LONGEST_WAIT}
     * @param helpers runs at most {@value #MAXIMUM_HELPERS} tasks at a time for each write
     */
    BatchWriter(
            DynamoDbClient client,
            String tableName,
            Executor helpers,
            Backoff backoff,
            InstantSource clock,
            Sleeper sleeper) {
        this.client = client;
        this.tableName = tableName;
        this.helpers = helpers;
        this.backoff = backoff;
        this.clock = clock;
        this.sleeper = sleeper;
    }

    /**
     * Writes each record at least once, and is back at the deadline.
     *
     * @param records of distinct keys
     * @param deadline no call is waited for after it
     * @return every record either written or unwritten
     */
    WriteResult write(Collection<ImageMetadata> records, Instant deadline) {
        return new Writing(deadline).run(List.copyOf(records));
    }

    /** The state of one {@link #write}. */
    private final class Writing {

        private final Instant deadline;
        private final Map<RecordKey, Instant> written = new HashMap<>();
        private final Map<RecordKey, String> unwritten = new HashMap<>();
        private final AtomicInteger callsSent = new AtomicInteger();
        private int unprocessedRetries;

        private List<ImageMetadata> together = new ArrayList<>();
        private List<ImageMetadata> alone = new ArrayList<>();
        private int unprocessedInRound;
        private boolean backoffNeeded;

        Writing(Instant deadline) {
            this.deadline = deadline;
        }

        WriteResult run(List<ImageMetadata> records) {
            records.forEach(metadata -> unwritten.put(metadata.key(), TIME_IS_UP));
            together.addAll(records);
            try {
                List<BatchWriteCall> calls = nextRound();
                for (int attempt = 0; !calls.isEmpty(); attempt++) {
                    send(calls);
                    if (backoffNeeded && !waited(backoff.delay(attempt))) {
                        break;
                    }
                    unprocessedRetries += unprocessedInRound;
                    calls = nextRound();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return new WriteResult(written, unwritten, callsSent.get(), unprocessedRetries);
        }

        private List<BatchWriteCall> nextRound() {
            List<BatchWriteCall> calls = new ArrayList<>();
            for (int from = 0; from < together.size(); from += BatchWriteCall.MAXIMUM_RECORDS) {
                int to = Math.min(from + BatchWriteCall.MAXIMUM_RECORDS, together.size());
                calls.add(new BatchWriteCall(together.subList(from, to)));
            }
            alone.forEach(metadata -> calls.add(new BatchWriteCall(List.of(metadata))));
            together = new ArrayList<>();
            alone = new ArrayList<>();
            unprocessedInRound = 0;
            backoffNeeded = false;
            return calls;
        }

        /** Each thread takes the next call that none has taken, this one as well. */
        private void send(List<BatchWriteCall> calls) throws InterruptedException {
            List<FutureTask<BatchWriteCall.Outcome>> tasks = new ArrayList<>(calls.size());
            calls.forEach(call -> tasks.add(new FutureTask<>(() -> send(call))));
            for (int helper = 0; helper < helpersFor(calls.size()); helper++) {
                helpers.execute(() -> tasks.forEach(FutureTask::run));
            }
            tasks.forEach(FutureTask::run);
            List<BatchWriteCall.Outcome> outcomes = new ArrayList<>(calls.size());
            for (Future<BatchWriteCall.Outcome> task : tasks) {
                outcomes.add(outcome(task));
            }
            Instant now = clock.instant();
            for (int call = 0; call < calls.size(); call++) {
                settle(calls.get(call), outcomes.get(call), now);
            }
        }

        private static int helpersFor(int calls) {
            return Math.min(MAXIMUM_HELPERS, (calls - 1) / CALLS_PER_THREAD);
        }

        private BatchWriteCall.Outcome send(BatchWriteCall call) {
            Duration timeLeft = timeLeft();
            if (!timeLeft.isPositive()) {
                return new BatchWriteCall.Outcome.TryAgain(TIME_IS_UP);
            }
            callsSent.incrementAndGet();
            return call.send(client, tableName, timeLeft);
        }

        private static BatchWriteCall.Outcome outcome(Future<BatchWriteCall.Outcome> call) throws InterruptedException {
            try {
                return call.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException("a call ended in an error", e.getCause());
            }
        }

        private void settle(BatchWriteCall call, BatchWriteCall.Outcome outcome, Instant now) {
            switch (outcome) {
                case BatchWriteCall.Outcome.Taken taken -> {
                    for (ImageMetadata metadata : call.records()) {
                        if (taken.unprocessed().contains(metadata.key())) {
                            tryAgain(call, metadata, UNPROCESSED);
                            unprocessedInRound++;
                        } else {
                            written.put(metadata.key(), now);
                            unwritten.remove(metadata.key());
                        }
                    }
                }
                case BatchWriteCall.Outcome.TryAgain passing ->
                    call.records().forEach(metadata -> tryAgain(call, metadata, passing.cause()));
                case BatchWriteCall.Outcome.Invalid invalid -> {
                    call.records().forEach(metadata -> unwritten.put(metadata.key(), invalid.cause()));
                    if (!call.isAlone()) {
                        alone.addAll(call.records());
                    }
                }
                case BatchWriteCall.Outcome.Refused refused ->
                    call.records().forEach(metadata -> unwritten.put(metadata.key(), refused.cause()));
            }
        }

        /** A record once set apart stays so: with others it could make their call invalid again. */
        private void tryAgain(BatchWriteCall call, ImageMetadata metadata, String cause) {
            unwritten.put(metadata.key(), cause);
            (call.isAlone() ? alone : together).add(metadata);
            backoffNeeded = true;
        }

        /** Whether there is time for another round after the delay. */
        private boolean waited(Duration delay) throws InterruptedException {
            if (timeLeft().compareTo(delay) <= 0) {
                return false;
            }
            sleeper.sleep(delay);
            return true;
        }

        private Duration timeLeft() {
            return Duration.between(clock.instant(), deadline);
        }
    }
}
