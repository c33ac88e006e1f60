package io.datastream.imaging.deadletter;

import static io.datastream.imaging.deadletter.Runs.DLQ;
import static io.datastream.imaging.deadletter.Runs.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.datastream.imaging.deadletter.Drain.Ending;
import io.datastream.imaging.deadletter.FakeSqs.Call;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The run itself, whatever its action: leases, completeness, time, errors. */
class DrainTest {

    private static final Duration TWO_MINUTES = Duration.ofMinutes(2);

    private final Runs runs = new Runs();
    private final FakeSqs sqs = runs.sqs;

    @TempDir
    private Path folder;

    @Test
    void anInspectionCountsEachMessageOnceAndReleasesAll() {
        runs.addUploads(300);
        sqs.add(DLQ, "by hand");
        Inspect inspect = new Inspect(Selection.ALL, 2);

        Drain.Report report = runs.run(inspect);

        assertThat(report.isComplete()).isTrue();
        assertThat(report.seen()).isEqualTo(301);
        assertThat(report.before()).isEqualTo(new Queue.Depth(301, 0));
        assertThat(report.kept()).isEqualTo(Map.of("not-looked-up", 300L, "not-json", 1L));
        assertThat(report.deleted() + report.undeleted() + report.unreleased()).isZero();
        assertThat(report.failure()).isEmpty();
        assertThat(inspect.groups())
                .extracting(Inspect.Group::reason, Inspect.Group::messages)
                .containsExactly(tuple("not-looked-up", 300L), tuple("not-json", 1L));
        assertThat(inspect.samples()).hasSize(2);
        assertThat(sqs.inFlight(DLQ)).isZero();
        assertThat(sqs.bodies(DLQ)).hasSize(301);
    }

    @Test
    void anEmptyQueueIsComplete() {
        assertThat(runs.run(new Inspect(Selection.ALL, 0)).isComplete()).isTrue();
    }

    @Test
    void aSecondConsumerGetsNothingDuringAnInspection() {
        runs.addUploads(500);
        List<String> stolen = new ArrayList<>();
        AtomicInteger receives = new AtomicInteger();
        sqs.listener = call -> {
            // All messages are leased when the workers find the queue empty, and until the first is released.
            if (call == Call.RECEIVE && receives.incrementAndGet() > 50 + Drain.WORKERS) {
                stolen.addAll(sqs.lease(DLQ, 10, TWO_MINUTES));
            }
            if (call == Call.ATTRIBUTES && receives.get() > 0) {
                stolen.addAll(sqs.lease(DLQ, 10, TWO_MINUTES));
            }
        };

        Drain.Report report = runs.run(new Inspect(Selection.ALL, 0));

        assertThat(stolen).isEmpty();
        assertThat(report.seen()).isEqualTo(500);
        assertThat(sqs.lease(DLQ, 10, TWO_MINUTES)).hasSize(10);
    }

    static Stream<Arguments> actions() {
        return Stream.of(Arguments.of("inspect"), Arguments.of("replay"), Arguments.of("save"), Arguments.of("drop"));
    }

    private Action action(String name) throws Exception {
        return switch (name) {
            case "inspect" -> new Inspect(Selection.ALL, 0);
            case "replay" -> runs.replay();
            case "save" -> Save.open(folder.resolve("saved.jsonl"), Selection.ALL);
            default -> Drop.of(Files.createFile(folder.resolve("empty.jsonl")));
        };
    }

    @ParameterizedTest
    @MethodSource("actions")
    void noActionIsCompleteWhileAnotherConsumerLeasesMessages(String name) throws Exception {
        runs.addUploads(100);
        sqs.lease(DLQ, 60, TWO_MINUTES);

        Drain.Report report = runs.run(action(name));

        assertThat(report.seen()).isEqualTo(40);
        assertThat(report.leasedElsewhere()).isEqualTo(60);
        assertThat(report.ending()).isEqualTo(Ending.ALL_SEEN);
        assertThat(report.isComplete()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("actions")
    void noActionIsCompleteWhenAllIsLeasedByARunThatWasKilled(String name) throws Exception {
        runs.addUploads(130);
        sqs.lease(DLQ, 130, TWO_MINUTES);

        Drain.Report report = runs.run(action(name));

        assertThat(report.seen()).isZero();
        assertThat(report.leasedElsewhere()).isEqualTo(130);
        assertThat(report.isComplete()).isFalse();
    }

    /** Found by the simulation, seed 334041: two replays side by side, while new messages came. */
    @Test
    void aMessageWhoseOtherLeaseEndsWhenTheRunEndsIsNotSeen() {
        String early = sqs.add(DLQ, "leased by another run");
        sqs.lease(DLQ, 1, TWO_MINUTES);
        runs.addUploads(20);
        AtomicInteger looks = new AtomicInteger();
        sqs.listener = call -> {
            if (call == Call.ATTRIBUTES && looks.incrementAndGet() == 3) {
                sqs.release(DLQ, early);
            }
        };

        Drain.Report report = runs.run(new Inspect(Selection.ALL, 0));

        assertThat(report.ending()).isEqualTo(Ending.ALL_SEEN);
        assertThat(report.leasedElsewhere()).isEqualTo(1);
        assertThat(report.isComplete()).isFalse();
    }

    @Test
    void aCountThatIsBehindForSecondsIsNoOtherConsumer() {
        runs.addUploads(20);
        AtomicInteger looks = new AtomicInteger();
        sqs.listener = call -> {
            if (call == Call.ATTRIBUTES) {
                switch (looks.incrementAndGet()) {
                    // Somebody leases a message just before the first look at the end, and deletes it two looks later.
                    case 3 -> {
                        sqs.add(DLQ, "late");
                        sqs.lease(DLQ, 1, TWO_MINUTES);
                    }
                    case 5 -> sqs.remove(DLQ, "late");
                    default -> {}
                }
            }
        };

        Drain.Report report = runs.run(new Inspect(Selection.ALL, 0));

        assertThat(report.leasedElsewhere()).isZero();
        assertThat(looks.get()).isBetween(5, 7);
    }

    @ParameterizedTest
    @CsvSource({
        // depth, milliseconds of a call, messages a second (0: no rate), seconds
        "0, 10, 0, 15",
        "1, 10, 0, 16",
        "10000, 10, 0, 31",
        "60000, 100, 0, 614",
        "100000, 10, 0, 169",
        "100000, 1000, 0, 3600",
        "1000, 10, 100, 30",
        "100000, 10, 1, 3600"
    })
    void theVisibilityTimeoutFollowsDepthAndPace(long depth, long milliseconds, double rate, long seconds) {
        OptionalDouble perSecond = rate == 0 ? OptionalDouble.empty() : OptionalDouble.of(rate);

        assertThat(Drain.visibility(depth, Duration.ofMillis(milliseconds), perSecond))
                .isEqualTo(Duration.ofSeconds(seconds));
    }

    @Test
    void inAFarQueueNoMessageIsSeenTwice() {
        runs.addUploads(3_000);
        // The calls of the workers overlap, but on this clock they follow each other.
        sqs.listener = call -> sqs.latency = Duration.ofMillis(call == Call.ATTRIBUTES ? 100 : 6);

        Drain.Report report = runs.run(new Inspect(Selection.ALL, 0));

        assertThat(report.isComplete()).isTrue();
        assertThat(report.seen()).isEqualTo(3_000);
        assertThat(sqs.calls.get(Call.RECEIVE)).isBetween(300, 300 + Drain.WORKERS);
        assertThat(sqs.message(DLQ).attributesAsStrings()).containsEntry("ApproximateReceiveCount", "2");
    }

    @Test
    void aRunThatIsSlowerThanMeasuredStopsBeforeItsLeasesEnd() {
        runs.addUploads(5_000);
        sqs.listener = call -> sqs.latency = Duration.ofMillis(call == Call.RECEIVE ? 1_000 : 1);

        Drain.Report report = runs.run(new Inspect(Selection.ALL, 0));

        assertThat(report.ending()).isEqualTo(Ending.TIME);
        assertThat(report.isComplete()).isFalse();
        assertThat(report.seen()).isBetween(100L, 400L);
        assertThat(sqs.calls.get(Call.RECEIVE) * 10L).isEqualTo(report.seen());
        assertThat(sqs.inFlight(DLQ)).isZero();
    }

    @Test
    void aReplayThatKeepsNothingHasNoLeasesThatEnd() {
        List<String> bodies = runs.addUploads(1_000);

        Drain.Report report = runs.run(runs.replay(Runs.rate(0.1)));

        assertThat(Duration.between(FakeTime.START, runs.time.instant())).isGreaterThan(Duration.ofHours(2));
        assertThat(report.isComplete()).isTrue();
        assertThat(report.visibility()).isEqualTo(Drain.MAXIMUM_VISIBILITY);
        assertThat(sqs.bodies(QUEUE)).isEqualTo(bodies);
    }

    @Test
    void moreThanOneRunCanLeaseIsReportedWithTheReasons() {
        for (int i = 0; i < 2_000; i++) {
            sqs.add(DLQ, "by hand");
        }

        Drain drain = runs.drain(runs.replay());
        drain.maximumLeases = 1_000;
        Drain.Report report = drain.run();

        assertThat(report.ending()).isEqualTo(Ending.FULL);
        assertThat(report.isComplete()).isFalse();
        assertThat(report.seen()).isBetween(1_000L, 1_160L);
        assertThat(report.kept()).isEqualTo(Map.of("not-json", report.seen()));
        assertThat(sqs.inFlight(DLQ)).isZero();
    }

    @Test
    void oneRunSeesAllMessagesThatAFilterDoesNotSelect() {
        for (int i = 0; i < 5_000; i++) {
            sqs.add(DLQ, "by hand");
        }
        String wanted = Uploads.body("ward/patient-1.dcm");
        sqs.add(DLQ, wanted);
        Replay.Settings settings = new Replay.Settings(
                Runs.reason("not-looked-up"),
                false,
                false,
                false,
                OptionalDouble.empty(),
                java.util.OptionalLong.empty());

        Drain.Report report = runs.run(runs.replay(settings));

        assertThat(report.isComplete()).isTrue();
        assertThat(sqs.bodies(QUEUE)).containsExactly(wanted);
    }

    static Stream<Arguments> passingErrors() {
        List<Supplier<RuntimeException>> errors = List.of(
                () -> FakeSqs.error(400, "KMS.ThrottlingException"),
                () -> FakeSqs.error(400, "KmsThrottled"),
                () -> FakeSqs.error(400, "ThrottlingException"),
                () -> FakeSqs.error(403, "RequestThrottled"),
                () -> FakeSqs.error(400, "KMS.InternalException"),
                () -> FakeSqs.error(400, "DependencyTimeout"),
                () -> FakeSqs.error(500, "InternalError"),
                () -> FakeSqs.error(503, "ServiceUnavailable"),
                FakeSqs::noResponse);
        return Stream.of(Call.values()).flatMap(call -> errors.stream().map(error -> Arguments.of(call, error.get())));
    }

    @ParameterizedTest
    @MethodSource("passingErrors")
    void aPassingErrorAtAnyCallEndsNothing(Call call, RuntimeException error) {
        List<String> bodies = runs.addUploads(100);
        sqs.add(DLQ, "by hand");
        for (int i = 0; i < 4; i++) {
            sqs.failOnce(call, error);
        }
        Replay replay = runs.replay();

        Drain.Report report = runs.run(replay);

        assertThat(report.isComplete()).isTrue();
        assertThat(report.deleted()).isEqualTo(100);
        assertThat(replay.counts().sent()).isEqualTo(100);
        assertThat(sqs.bodies(QUEUE)).isEqualTo(bodies);
        assertThat(sqs.bodies(DLQ)).containsExactly("by hand");
        assertThat(sqs.inFlight(DLQ)).isZero();
        assertThat(sqs.deletedUnsent).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Call.class)
    void aLostResponseAtAnyCallLosesNoMessage(Call call) {
        List<String> bodies = runs.addUploads(100);
        sqs.loseResponseOnce(call);

        Drain.Report report = runs.run(runs.replay());

        assertThat(report.failure()).isEmpty();
        // A send whose response is lost is made again; a receive leases ten messages that nobody knows of.
        assertThat(new HashSet<>(bodies)).isEqualTo(sqs.allBodies());
        assertThat(report.isComplete()).isEqualTo(call != Call.RECEIVE);
        assertThat(report.leasedElsewhere()).isEqualTo(call == Call.RECEIVE ? 10 : 0);
        assertThat(sqs.deletedUnsent).isEmpty();
    }

    static Stream<Arguments> lastingErrors() {
        return Stream.of(Call.values())
                .flatMap(call -> Stream.of("ExpiredToken", "AccessDenied", "KMS.DisabledException")
                        .map(code -> Arguments.of(call, code)));
    }

    @ParameterizedTest
    @MethodSource("lastingErrors")
    void anErrorThatDoesNotPassEndsTheRunWithAReport(Call call, String code) {
        List<String> bodies = runs.addUploads(200);
        sqs.add(DLQ, "by hand");
        AtomicInteger counted = new AtomicInteger();
        // In mid-run: the first calls succeed.
        sqs.listener = one -> {
            if (one == call && counted.incrementAndGet() == 3) {
                sqs.failAlways(call, FakeSqs.error(403, code));
            }
        };
        Replay replay = runs.replay();

        Drain.Report report = runs.run(replay);

        boolean isReleaseOnly = call == Call.RELEASE && report.ending() != Ending.FAILED;
        if (!isReleaseOnly) {
            assertThat(report.ending()).isEqualTo(Ending.FAILED);
            assertThat(report.isComplete()).isFalse();
            assertThat(report.failure().orElseThrow()).hasMessageContaining(code);
        }
        assertThat(report.seen()).isLessThanOrEqualTo(201);
        assertThat(report.deleted() + report.undeleted())
                .isEqualTo(replay.counts().sent());
        assertThat(report.undeleted() > 0).isEqualTo(call == Call.DELETE);
        Set<String> all = new HashSet<>(bodies);
        all.add("by hand");
        assertThat(sqs.allBodies()).isEqualTo(all);
        assertThat(sqs.deletedUnsent).isEmpty();
        if (call != Call.RELEASE && call != Call.DELETE) {
            assertThat(sqs.inFlight(DLQ)).isZero();
        }
    }

    @Test
    void anErrorAtTheFirstCallIsReported() {
        runs.addUploads(10);
        sqs.failAlways(Call.ATTRIBUTES, FakeSqs.error(403, "AccessDenied"));

        Drain.Report report = runs.run(new Inspect(Selection.ALL, 0));

        assertThat(report.ending()).isEqualTo(Ending.FAILED);
        assertThat(report.seen()).isZero();
    }

    @Test
    void aBugInAnActionEndsTheRunToo() {
        runs.addUploads(100);
        runs.examiner = null;

        Drain.Report report = runs.run(new Inspect(Selection.ALL, 0));

        assertThat(report.ending()).isEqualTo(Ending.FAILED);
        assertThat(report.failure()).containsInstanceOf(NullPointerException.class);
        assertThat(sqs.inFlight(DLQ)).isZero();
    }

    @Test
    void leasesThatCannotBeReleasedAreCounted() {
        runs.addUploads(100);
        sqs.failAlways(Call.RELEASE, FakeSqs.error(403, "ExpiredToken"));

        Drain.Report report = runs.run(new Inspect(Selection.ALL, 0));

        assertThat(report.unreleased()).isEqualTo(100);
        assertThat(report.ending()).isEqualTo(Ending.FAILED);
        assertThat(sqs.calls.get(Call.RELEASE)).isLessThanOrEqualTo(Drain.WORKERS);
    }

    @Test
    void theReleaseIsRetriedForHalfAMinuteOnly() {
        runs.addUploads(10);
        sqs.failAlways(Call.RELEASE, FakeSqs.error(503, "ServiceUnavailable"));

        Drain.Report report = runs.run(new Inspect(Selection.ALL, 0));

        assertThat(report.unreleased()).isEqualTo(10);
        assertThat(Duration.between(FakeTime.START, runs.time.instant())).isLessThan(Duration.ofSeconds(40));
    }

    @Test
    void throttlingThatDoesNotEndIsAnErrorAfterTwoMinutes() {
        runs.addUploads(10);
        sqs.failAlways(Call.SEND, FakeSqs.error(400, "KMS.ThrottlingException"));

        Drain.Report report = runs.run(runs.replay());

        assertThat(report.ending()).isEqualTo(Ending.FAILED);
        assertThat(Duration.between(FakeTime.START, runs.time.instant()))
                .isBetween(Retries.PATIENCE, Retries.PATIENCE.plusSeconds(10));
        assertThat(sqs.calls.get(Call.SEND)).isBetween(20, 200);
        assertThat(sqs.bodies(DLQ)).hasSize(10);
    }

    @Test
    void aCancelledRunReleasesTheRestAndSaysSo() {
        List<String> bodies = runs.addUploads(1_000);
        AtomicInteger sends = new AtomicInteger();
        sqs.listener = call -> {
            if (call == Call.SEND && sends.incrementAndGet() == 5) {
                runs.time.cancel();
            }
        };
        Replay replay = runs.replay();

        Drain.Report report = runs.run(replay);

        assertThat(report.ending()).isEqualTo(Ending.CANCELLED);
        assertThat(report.isComplete()).isFalse();
        assertThat(report.failure()).isEmpty();
        assertThat(report.deleted()).isEqualTo(replay.counts().sent()).isBetween(10L, 400L);
        assertThat(sqs.inFlight(DLQ)).isZero();
        assertThat(sqs.allBodies()).isEqualTo(new HashSet<>(bodies));
    }

    @Test
    void aRunThatIsCancelledBeforeItBeginsSeesNothing() {
        runs.addUploads(10);
        runs.time.cancel();

        Drain.Report report = runs.run(new Inspect(Selection.ALL, 0));

        assertThat(report.ending()).isEqualTo(Ending.CANCELLED);
        assertThat(report.seen()).isZero();
    }

    @Test
    void progressIsTheNumberOfMessagesSeen() {
        runs.addUploads(40);
        Drain drain = runs.drain(new Inspect(Selection.ALL, 0));
        assertThat(drain.seen()).isZero();

        drain.run();

        assertThat(drain.seen()).isEqualTo(40);
    }
}
