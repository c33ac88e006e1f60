package io.datastream.imaging.ingest;

import static io.datastream.imaging.ingest.FakeDynamoDb.failing;
import static io.datastream.imaging.ingest.FakeDynamoDb.invalidIf;
import static io.datastream.imaging.ingest.FakeDynamoDb.leaving;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.datastream.imaging.metadata.ImageMetadata;
import io.datastream.imaging.metadata.RecordKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;

class BatchWriterTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final FakeDynamoDb table = new FakeDynamoDb();
    private final FakeTime time = new FakeTime();

    /** The tasks, counted from 0, that never run: their calls hang. */
    private final Set<Integer> hangingTasks = new HashSet<>();

    private int tasks;
    private final BatchWriter writer = writer(task -> {
        if (!hangingTasks.contains(tasks++)) {
            task.run();
        }
    });

    @Test
    void writesNothingForNothing() {
        assertThat(write(0)).isEqualTo(new WriteResult(java.util.Map.of(), java.util.Map.of(), 0, 0));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "25, 1", "26, 2", "100, 4", "1000, 40"})
    void sends25ItemsACall(int records, int calls) {
        WriteResult result = write(records);

        assertThat(result.written()).hasSize(records);
        assertThat(result.calls()).isEqualTo(calls);
        assertThat(table.items).hasSize(records);
        assertThat(time.sleeps).isEmpty();
    }

    @Test
    void sendsUnprocessedItemsAgainAfterABackoffUntilNoneIsLeft() {
        table.next(leaving(20), leaving(7));

        WriteResult result = write(25);

        assertThat(table.callSizes).containsExactly(25, 20, 7);
        assertThat(result.written()).hasSize(25);
        assertThat(result.unprocessedRetries()).isEqualTo(27);
        assertThat(time.sleeps).hasSize(2);
    }

    @Test
    void gathersTheUnprocessedItemsOfSeveralCallsIntoFullOnes() {
        table.next(leaving(5), leaving(5), leaving(5), leaving(5));

        write(100);

        assertThat(table.callSizes).containsExactly(25, 25, 25, 25, 20);
    }

    @ParameterizedTest
    @CsvSource({
        "400, ProvisionedThroughputExceededException",
        "400, ThrottlingException",
        "400, RequestLimitExceeded",
        "500, InternalServerError",
        "503, ServiceUnavailable",
        "400, RequestTimeout",
        "400, RequestTimeoutException",
        "400, ReplicatedWriteConflictException",
        "403, RequestTimeTooSkewed",
    })
    void triesAgainWhatPasses(int status, String errorCode) {
        table.next(failing(status, errorCode), failing(status, errorCode));

        assertThat(write(25).written()).hasSize(25);
        assertThat(table.callSizes).hasSize(3);
    }

    @Test
    void triesAgainWhenTheAnswerIsLost() {
        table.next(failing(SdkClientException.create("connection reset")));

        assertThat(write(25).written()).hasSize(25);
    }

    @ParameterizedTest
    @CsvSource({"400, AccessDeniedException", "400, ResourceNotFoundException", "400, UnrecognizedClientException"})
    void failsAtOnceWhatNoRetryMends(int status, String errorCode) {
        table.always(failing(status, errorCode));

        WriteResult result = write(30);

        assertThat(result.unwritten()).hasSize(30).containsValue(errorCode);
        assertThat(table.callSizes).hasSize(2);
        assertThat(time.sleeps).isEmpty();
    }

    @Test
    void aServiceErrorWithoutDetailsIsNamedByItsStatus() {
        table.always(FakeDynamoDb.failing(
                DynamoDbException.builder().statusCode(418).message("?").build()));

        assertThat(write(1).unwritten()).containsValue("HTTP 418");
    }

    @Test
    void anErrorIsNotTakenForAnAnswer() {
        table.always(requests -> {
            throw new NoClassDefFoundError("missing");
        });

        assertThatIllegalStateException().isThrownBy(() -> write(1)).withCauseInstanceOf(NoClassDefFoundError.class);
    }

    @Test
    void oneInvalidItemStandsAlone() {
        RecordKey guilty = record(7).key();
        table.always(invalidIf(guilty::equals));

        WriteResult result = write(60);

        assertThat(result.unwritten()).containsOnlyKeys(guilty).containsValue("ValidationException");
        assertThat(result.written()).hasSize(59);
        assertThat(time.sleeps).isEmpty();
    }

    @Test
    void anItemThatCannotEvenBeMarshalledStandsAlone() {
        RecordKey guilty = record(3).key();
        table.always(requests -> {
            if (requests.stream().map(FakeDynamoDb::key).anyMatch(guilty::equals)) {
                throw new IllegalStateException("broken surrogate");
            }
            return List.of();
        });

        assertThat(write(25).unwritten()).containsOnlyKeys(guilty);
    }

    @Test
    void anItemOnceSetApartIsNotMixedWithOthersAgain() {
        RecordKey guilty = record(0).key();
        FakeDynamoDb.Answer invalid = invalidIf(guilty::equals);
        table.always(requests -> {
            invalid.apply(requests);
            return requests.size() == 1 && table.callSizes.size() < 10 ? requests : List.of();
        });

        WriteResult result = write(5);

        assertThat(result.unwritten()).containsOnlyKeys(guilty);
        assertThat(table.callSizes.subList(1, table.callSizes.size())).containsOnly(1);
    }

    @Test
    void givesUpBeforeTheDeadlineAndNamesTheUnwritten() {
        table.always(leaving(1));

        WriteResult result = write(10);

        assertThat(result.written()).hasSize(9);
        assertThat(result.unwritten()).hasSize(1).containsValue("unprocessed");
        assertThat(time.instant()).isBefore(FakeTime.START.plus(PATIENCE));
    }

    @Test
    void sendsNothingAfterTheDeadline() {
        WriteResult result = writer.write(records(30), FakeTime.START);

        assertThat(table.callSizes).isEmpty();
        assertThat(result.unwritten()).hasSize(30).containsValue("deadline");
    }

    /** Calls are abandoned when none was answered for three seconds. */
    @Test
    void sendsTheRecordsOfCallsWithoutAnAnswerAgain() {
        hangingTasks.addAll(List.of(0, 1, 2, 3));

        WriteResult result = write(100);

        assertThat(result.written()).hasSize(100);
        assertThat(table.callSizes).containsExactly(25, 25, 25, 25);
        assertThat(Duration.between(FakeTime.START, time.instant()))
                .isBetween(BatchWriter.LONGEST_SILENCE, BatchWriter.LONGEST_SILENCE.plusSeconds(1));
    }

    /** One call of a round of eight is throttled until the end: a running call's records are not written ones. */
    @Test
    void of200RecordsExactlyThe25OfTheFailingCallAreUnwritten() {
        RecordKey failing = record(130).key();
        table.always(requests -> {
            if (requests.stream().map(FakeDynamoDb::key).anyMatch(failing::equals)) {
                throw FakeDynamoDb.error(400, "ThrottlingException");
            }
            return List.of();
        });

        WriteResult result = write(200);

        assertThat(result.written()).hasSize(175).hasSameSizeAs(table.items);
        assertThat(result.unwritten()).hasSize(25).containsKey(failing).containsValue("ThrottlingException");
    }

    @Test
    void callsThatNeverAnswerAreWaitedForUntilTheDeadlineAndNotLonger() {
        hangingTasks.addAll(IntStream.range(0, 1_000).boxed().toList());

        WriteResult result = write(60);

        assertThat(result.unwritten()).hasSize(60);
        assertThat(Duration.between(FakeTime.START, time.instant())).isBetween(PATIENCE.minusSeconds(3), PATIENCE);
    }

    @Test
    void aCallThatHangsAtTheDeadlineKeepsTheCauseOfTheRoundBefore() {
        table.next(failing(400, "ThrottlingException"));
        hangingTasks.add(1);

        WriteResult result = writer.write(records(1), FakeTime.START.plusSeconds(1));

        assertThat(result.unwritten()).containsValue("ThrottlingException");
    }

    @Test
    void runsAtMost16CallsAtATime() {
        List<Runnable> tasks = new ArrayList<>();
        BatchWriter unstarted = writer(tasks::add);

        WriteResult result = unstarted.write(records(1_000), FakeTime.START.plusSeconds(1));

        assertThat(tasks).hasSize(BatchWriter.MAXIMUM_PARALLEL_CALLS);
        assertThat(result.unwritten()).hasSize(1_000).containsValue("deadline");
        // Whoever starts late finds nothing to send: the records were reported as unwritten.
        tasks.forEach(Runnable::run);
        assertThat(table.callSizes).isEmpty();
    }

    /** A DNS lookup cannot be interrupted. When it ends at last, its thread must not go on with the abandoned calls. */
    @Test
    void aWorkerThatHungSendsNothingMoreAfterItsRoundWasAbandoned() throws InterruptedException {
        CountDownLatch hanging = new CountDownLatch(1);
        CountDownLatch lookup = new CountDownLatch(1);
        table.next(requests -> {
            hanging.countDown();
            awaitUninterruptibly(lookup);
            return List.of();
        });
        List<Thread> threads = new ArrayList<>();
        BatchWriter writer = writer(task -> {
            if (threads.isEmpty()) {
                threads.add(Thread.ofVirtual().start(task));
                awaitUninterruptibly(hanging);
            } else if (tasks++ >= BatchWriter.MAXIMUM_PARALLEL_CALLS - 1) {
                task.run();
            }
        });

        WriteResult result = writer.write(records(17 * 25), FakeTime.START.plus(PATIENCE));
        lookup.countDown();
        threads.getFirst().join();

        assertThat(result.written()).hasSize(17 * 25);
        assertThat(table.callSizes).hasSize(1 + 17);
    }

    @Test
    void anInterruptedInvocationReportsWhatIsNotKnownToBeWritten() {
        table.next(FakeDynamoDb.failing(500, "InternalServerError"));
        Thread.currentThread().interrupt();

        WriteResult result = new BatchWriter(table, FakeDynamoDb.TABLE, Runnable::run, backoff(), time, Waiting.REAL)
                .write(records(50), FakeTime.START.plus(PATIENCE));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(result.written()).hasSize(25);
        assertThat(result.unwritten()).hasSize(25).containsValue("InternalServerError");
    }

    @Test
    void backoffDoublesToItsCapWithFullJitter() {
        Backoff backoff = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2), new Random(7));

        for (int attempt = 0; attempt < 70; attempt++) {
            Duration bound = Duration.ofMillis(Math.min(2_000, 50L << Math.min(attempt, 10)));
            List<Duration> delays = IntStream.range(0, 200)
                    .mapToObj(new AttemptDelay(backoff, attempt)::draw)
                    .toList();
            assertThat(delays).allSatisfy(delay -> assertThat(delay).isBetween(Duration.ZERO, bound));
            assertThat(delays).anySatisfy(delay -> assertThat(delay).isLessThan(bound.dividedBy(4)));
            assertThat(delays).anySatisfy(delay -> assertThat(delay)
                    .isGreaterThan(bound.dividedBy(4).multipliedBy(3)));
        }
    }

    /** Whatever DynamoDB answers, written is what is in the table, and every record is either written or not. */
    @RepeatedTest(200)
    void saysTheTruthWhateverDynamoDbAnswers(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        Set<RecordKey> guilty = new HashSet<>();
        int count = 1 + random.nextInt(120);
        for (int i = 0; i < count; i++) {
            if (random.nextInt(20) == 0) {
                guilty.add(record(i).key());
            }
        }
        table.always(requests -> {
            switch (random.nextInt(6)) {
                case 0 -> throw FakeDynamoDb.error(400, "ThrottlingException");
                case 1 -> throw FakeDynamoDb.error(500, "InternalServerError");
                case 2 -> throw SdkClientException.create("connection reset");
                default -> {
                    invalidIf(guilty::contains).apply(requests);
                    return requests.subList(0, random.nextInt(requests.size() + 1));
                }
            }
        });

        WriteResult result = write(count);

        assertThat(table.items.keySet()).isEqualTo(result.written().keySet());
        assertThat(result.written())
                .doesNotContainKeys(result.unwritten().keySet().toArray(RecordKey[]::new));
        assertThat(result.written().size() + result.unwritten().size()).isEqualTo(count);
        assertThat(result.unwritten().keySet()).containsAll(guilty);
    }

    private record AttemptDelay(Backoff backoff, int attempt) {
        Duration draw(int ignored) {
            return backoff.delay(attempt);
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        boolean interrupted = true;
        while (interrupted) {
            try {
                latch.await();
                interrupted = false;
            } catch (InterruptedException e) {
                // Waits on.
            }
        }
    }

    private BatchWriter writer(Executor executor) {
        return new BatchWriter(table, FakeDynamoDb.TABLE, executor, backoff(), time, time);
    }

    private static Backoff backoff() {
        return new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2), new Random(1));
    }

    private WriteResult write(int records) {
        return writer.write(records(records), FakeTime.START.plus(PATIENCE));
    }

    static List<ImageMetadata> records(int count) {
        return IntStream.range(0, count).mapToObj(BatchWriterTest::record).toList();
    }

    private static ImageMetadata record(int number) {
        return new ImageMetadata(
                new RecordKey("patient-" + number + ".dcm", "1"),
                "bucket",
                number,
                Instant.parse("2026-11-23T09:30:00Z"),
                Integer.toString(number),
                null,
                null,
                null);
    }
}
