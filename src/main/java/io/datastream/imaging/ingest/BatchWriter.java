package io.datastream.imaging.ingest;

import io.datastream.imaging.ingest.BatchWriteCall.Outcome;
import io.datastream.imaging.metadata.ImageMetadata;
import io.datastream.imaging.metadata.RecordKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * Writes records until all are in the table or the deadline is reached.
 *
 * <p>It works in rounds. The calls of a round run side by side, on other threads. The thread that writes only waits for
 * their answers, and never past the deadline, in whatever phase a call hangs. Records that can be tried again go into
 * full calls of the next round, after a backoff. If DynamoDB finds a call invalid, its records are sent one by one, so
 * that only the invalid one fails.
 */
final class BatchWriter {

    /**
     * Calls at a time. A batch of 100 messages is four calls. With 32 a batch of 1,000 would take a quarter less, but
     * only while the function has two processors.
     */
    static final int MAXIMUM_PARALLEL_CALLS = 16;

    /**
     * DynamoDB answers within milliseconds. When none of a round's calls was answered for so long, the missing answers
     * are considered lost and the calls are abandoned. An abandoned call does no harm: writes commute.
     */
    static final Duration LONGEST_SILENCE = Duration.ofSeconds(3);

    private static final String DEADLINE = "deadline";
    private static final String NO_ANSWER = "no-answer";
    private static final String UNPROCESSED = "unprocessed";

    private final DynamoDbClient client;
    private final String tableName;
    private final Executor executor;
    private final Backoff backoff;
    private final InstantSource clock;
    private final Waiting waiting;

    /**
     * Makes a writer.
     *
     * @param client with its own retries off
     * @param executor runs up to {@value #MAXIMUM_PARALLEL_CALLS} tasks at a time for each write, and those of abandoned
     *     calls
     */
    BatchWriter(
            DynamoDbClient client,
            String tableName,
            Executor executor,
            Backoff backoff,
            InstantSource clock,
            Waiting waiting) {
        this.client = client;
        this.tableName = tableName;
        this.executor = executor;
        this.backoff = backoff;
        this.clock = clock;
        this.waiting = waiting;
    }

    /**
     * Writes each record at least once.
     *
     * @param records of distinct keys
     * @param deadline no call is waited for after it
     * @return every record either written or unwritten
     */
    WriteResult write(Collection<ImageMetadata> records, Instant deadline) {
        return new Writing(deadline).run(List.copyOf(records));
    }

    private record Answer(BatchWriteCall call, Outcome outcome) {}

    /** The state of one {@link #write}. Only {@link #callsSent} is shared with the threads of the calls. */
    private final class Writing {

        private final Instant deadline;
        private final Map<RecordKey, Instant> written = new HashMap<>();
        private final Map<RecordKey, String> unwritten = new HashMap<>();
        private final AtomicInteger callsSent = new AtomicInteger();
        private int unprocessedRetries;

        private List<ImageMetadata> retries = new ArrayList<>();
        private List<ImageMetadata> singles = new ArrayList<>();
        private int unprocessedInRound;
        private boolean backoffNeeded;

        Writing(Instant deadline) {
            this.deadline = deadline;
        }

        WriteResult run(List<ImageMetadata> records) {
            records.forEach(metadata -> unwritten.put(metadata.key(), DEADLINE));
            retries.addAll(records);
            try {
                List<BatchWriteCall> calls = nextRound();
                for (int attempt = 0; !calls.isEmpty(); attempt++) {
                    send(calls);
                    if (backoffNeeded && !sleepBeforeDeadline(backoff.delay(attempt))) {
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
            for (int from = 0; from < retries.size(); from += BatchWriteCall.MAXIMUM_RECORDS) {
                int to = Math.min(from + BatchWriteCall.MAXIMUM_RECORDS, retries.size());
                calls.add(new BatchWriteCall(retries.subList(from, to)));
            }
            singles.forEach(metadata -> calls.add(new BatchWriteCall(List.of(metadata))));
            retries = new ArrayList<>();
            singles = new ArrayList<>();
            unprocessedInRound = 0;
            backoffNeeded = false;
            return calls;
        }

        private void send(List<BatchWriteCall> calls) throws InterruptedException {
            Queue<BatchWriteCall> unsent = new ConcurrentLinkedQueue<>(calls);
            Set<BatchWriteCall> unanswered = Collections.newSetFromMap(new IdentityHashMap<>());
            unanswered.addAll(calls);
            // Only this round reads this queue: the answer to an abandoned call has no effect.
            BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
            List<FutureTask<Void>> workers = new ArrayList<>();
            try {
                for (int worker = 0; worker < Math.min(calls.size(), MAXIMUM_PARALLEL_CALLS); worker++) {
                    FutureTask<Void> task = new FutureTask<>(() -> work(unsent, answers), null);
                    workers.add(task);
                    executor.execute(task);
                }
                settleAnswers(unanswered, answers);
                workers.forEach(Writing::throwError);
            } finally {
                unsent.clear();
                // Interrupts what hangs: a virtual thread that is blocked in network I/O closes its socket.
                workers.forEach(worker -> worker.cancel(true));
            }
            // At the deadline the cause of the round before says more, if there was one.
            if (timeLeft().isPositive()) {
                unanswered.forEach(call -> settle(call, new Outcome.Retryable(NO_ANSWER)));
            }
        }

        private void work(Queue<BatchWriteCall> unsent, BlockingQueue<Answer> answers) {
            while (timeLeft().isPositive()) {
                BatchWriteCall call = unsent.poll();
                if (call == null) {
                    return;
                }
                callsSent.incrementAndGet();
                answers.add(new Answer(call, call.send(client, tableName)));
            }
        }

        /** An error is no answer of DynamoDB: a class is missing, say, or the memory is used up. */
        private static void throwError(FutureTask<Void> worker) {
            if (worker.state() == Future.State.FAILED) {
                throw new IllegalStateException("a call ended in an error", worker.exceptionNow());
            }
        }

        private void settleAnswers(Set<BatchWriteCall> unanswered, BlockingQueue<Answer> answers)
                throws InterruptedException {
            while (!unanswered.isEmpty()) {
                Answer answer = answers.poll();
                if (answer == null) {
                    Duration timeLeft = timeLeft();
                    if (!timeLeft.isPositive()) {
                        return;
                    }
                    answer =
                            waiting.poll(answers, timeLeft.compareTo(LONGEST_SILENCE) < 0 ? timeLeft : LONGEST_SILENCE);
                }
                if (answer == null) {
                    return;
                }
                unanswered.remove(answer.call());
                settle(answer.call(), answer.outcome());
            }
        }

        private void settle(BatchWriteCall call, Outcome outcome) {
            switch (outcome) {
                case Outcome.Accepted accepted -> {
                    Instant now = clock.instant();
                    for (ImageMetadata metadata : call.records()) {
                        if (accepted.unprocessed().contains(metadata.key())) {
                            retry(call, metadata, UNPROCESSED);
                            unprocessedInRound++;
                        } else {
                            written.put(metadata.key(), now);
                            unwritten.remove(metadata.key());
                        }
                    }
                }
                case Outcome.Retryable retryable ->
                    call.records().forEach(metadata -> retry(call, metadata, retryable.cause()));
                case Outcome.Invalid invalid -> {
                    call.records().forEach(metadata -> unwritten.put(metadata.key(), invalid.cause()));
                    if (!call.isSingle()) {
                        singles.addAll(call.records());
                    }
                }
                case Outcome.Refused refused ->
                    call.records().forEach(metadata -> unwritten.put(metadata.key(), refused.cause()));
            }
        }

        /** A record that was sent alone stays alone: it could make a call with others invalid again. */
        private void retry(BatchWriteCall call, ImageMetadata metadata, String cause) {
            unwritten.put(metadata.key(), cause);
            (call.isSingle() ? singles : retries).add(metadata);
            backoffNeeded = true;
        }

        /** Returns false, at once, if the delay would not end before the deadline. */
        private boolean sleepBeforeDeadline(Duration delay) throws InterruptedException {
            if (timeLeft().compareTo(delay) <= 0) {
                return false;
            }
            waiting.sleep(delay);
            return true;
        }

        private Duration timeLeft() {
            return Duration.between(clock.instant(), deadline);
        }
    }
}
