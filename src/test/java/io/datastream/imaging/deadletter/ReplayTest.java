package io.datastream.imaging.deadletter;

import static io.datastream.imaging.deadletter.Runs.DLQ;
import static io.datastream.imaging.deadletter.Runs.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datastream.imaging.deadletter.FakeSqs.Call;
import io.datastream.imaging.metadata.ImageMetadataTable;
import io.datastream.imaging.metadata.RecordKey;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemResponse;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;

class ReplayTest {

    private final Runs runs = new Runs();
    private final FakeSqs sqs = runs.sqs;

    private static Replay.Settings settings(
            Selection selection, boolean isForced, boolean skipsRecorded, boolean isDryRun, long limit) {
        return new Replay.Settings(
                selection,
                isForced,
                skipsRecorded,
                isDryRun,
                OptionalDouble.empty(),
                limit == 0 ? OptionalLong.empty() : OptionalLong.of(limit));
    }

    @Test
    void whatTheFunctionWouldRejectAgainIsNotSent() {
        List<String> bodies = runs.addUploads(3);
        sqs.add(DLQ, "by hand");
        sqs.add(DLQ, Uploads.body("scan.dcm"));
        Replay replay = runs.replay();

        Drain.Report report = runs.run(replay);

        assertThat(sqs.bodies(QUEUE)).isEqualTo(bodies);
        assertThat(replay.counts())
                .isEqualTo(new Replay.Counts(
                        5,
                        3,
                        new java.util.TreeMap<>(Map.of("not-json", 1L, "no-patient-id", 1L)),
                        0,
                        new java.util.TreeMap<>(),
                        0));
        assertThat(report.deleted()).isEqualTo(3);
    }

    @Test
    void aForcedReplaySendsItAllTheSame() {
        sqs.add(DLQ, "by hand");
        Replay replay = runs.replay(settings(Selection.ALL, true, false, false, 0));

        runs.run(replay);

        assertThat(sqs.bodies(QUEUE)).containsExactly("by hand");
        assertThat(replay.counts().stillRejected()).isEmpty();
    }

    @Test
    void aDryRunCountsAndSendsNothing() {
        runs.addUploads(25);
        sqs.add(DLQ, "by hand");
        Replay.Settings dry =
                new Replay.Settings(Selection.ALL, false, false, true, OptionalDouble.of(0.01), OptionalLong.empty());
        Replay replay = runs.replay(dry);

        Drain.Report report = runs.run(replay);

        assertThat(replay.counts().sent()).isEqualTo(25);
        assertThat(replay.counts().selected()).isEqualTo(26);
        assertThat(report.deleted()).isZero();
        assertThat(sqs.bodies(QUEUE)).isEmpty();
        assertThat(sqs.bodies(DLQ)).hasSize(26);
        assertThat(runs.time.instant()).isEqualTo(FakeTime.START);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 10, 25, 100})
    void noMoreIsSentThanTheLimit(long limit) {
        runs.addUploads(100);

        Replay replay = runs.replay(settings(Selection.ALL, false, false, false, limit));
        Drain.Report report = runs.run(replay);

        assertThat(sqs.bodies(QUEUE)).hasSize((int) limit);
        assertThat(replay.counts().selected()).isEqualTo(limit);
        assertThat(report.ending()).isEqualTo(Drain.Ending.ENOUGH);
        assertThat(sqs.bodies(DLQ)).hasSize((int) (100 - limit));
        assertThat(sqs.inFlight(DLQ)).isZero();
    }

    @Test
    void aLimitBelowOneIsRefused() {
        assertThatThrownBy(() -> settings(Selection.ALL, false, false, false, -1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void onlyWhatIsSelectedIsSent() {
        String wanted = Uploads.body("ward/patient-1.dcm");
        sqs.add(DLQ, wanted);
        sqs.add(DLQ, Uploads.body("other/patient-1.dcm"));
        Selection ward = new Selection(Set.of(), Optional.of("ward/"), Optional.empty(), Optional.empty());

        Replay replay = runs.replay(settings(ward, false, false, false, 0));
        runs.run(replay);

        assertThat(sqs.bodies(QUEUE)).containsExactly(wanted);
        assertThat(replay.counts().selected()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatTheTableHasIsSkippedOnlyIfTheOperatorWantsIt(boolean skips) {
        String recorded = Uploads.body("patient-1.dcm");
        String missing = Uploads.body("patient-2.dcm");
        sqs.add(DLQ, recorded);
        sqs.add(DLQ, missing);
        runs.examiner = new MessageExaminer(
                Runs.READER, Optional.of(new MessageExaminer.Table(tableWith(recorded), "table", runs.retries)));
        Replay replay = runs.replay(settings(Selection.ALL, false, skips, false, 0));

        Drain.Report report = runs.run(replay);

        assertThat(sqs.bodies(QUEUE)).hasSize(skips ? 1 : 2).contains(missing);
        assertThat(replay.counts().alreadyRecorded()).isEqualTo(skips ? 1 : 0);
        assertThat(replay.counts().selected()).isEqualTo(2);
        assertThat(report.kept()).isEqualTo(skips ? Map.of("recorded", 1L) : Map.of());
    }

    private static DynamoDbClient tableWith(String body) {
        Set<RecordKey> keys = new HashSet<>();
        Runs.READER.read(body).uploads().forEach(upload -> keys.add(upload.key()));
        return new DynamoDbClient() {
            @Override
            public BatchGetItemResponse batchGetItem(BatchGetItemRequest request) {
                return BatchGetItemResponse.builder()
                        .responses(Map.of(
                                "table",
                                request.requestItems().get("table").keys().stream()
                                        .filter(key -> keys.contains(ImageMetadataTable.key(key)))
                                        .toList()))
                        .build();
            }

            @Override
            public String serviceName() {
                return "dynamodb";
            }

            @Override
            public void close() {}
        };
    }

    @Test
    void aMessageIsSentAsItWas() {
        Map<String, MessageAttributeValue> attributes = Map.of(
                "ward",
                        MessageAttributeValue.builder()
                                .dataType("String")
                                .stringValue("7")
                                .build(),
                "bytes",
                        MessageAttributeValue.builder()
                                .dataType("Binary")
                                .binaryValue(SdkBytes.fromUtf8String("x"))
                                .build());
        sqs.add(DLQ, Uploads.body("patient-1.dcm"), Instant.EPOCH, attributes, Optional.of("Root=1-2-3"));

        runs.run(runs.replay());

        Message sent = sqs.message(QUEUE);
        assertThat(sent.body()).isEqualTo(Uploads.body("patient-1.dcm"));
        assertThat(sent.messageAttributes()).isEqualTo(attributes);
        assertThat(sent.attributesAsStrings()).containsEntry("AWSTraceHeader", "Root=1-2-3");
    }

    @Test
    void largeMessagesAreSentInSeveralCalls() {
        for (int i = 0; i < 10; i++) {
            sqs.add(DLQ, i + "x".repeat(100_000));
        }

        runs.run(runs.replay(settings(Selection.ALL, true, false, false, 0)));

        assertThat(sqs.bodies(QUEUE)).hasSize(10);
        assertThat(sqs.sends).allMatch(send -> send.getValue() == 2);
    }

    @Test
    void aMessageAtTheLimitOfACallIsSentAlone() {
        sqs.add(DLQ, "x".repeat(250_000));
        sqs.add(DLQ, "y");

        runs.run(runs.replay(settings(Selection.ALL, true, false, false, 0)));

        assertThat(sqs.bodies(QUEUE)).hasSize(2);
        assertThat(sqs.sends).hasSize(2);
    }

    @Test
    void theSizeOfAMessageIncludesItsAttributes() {
        DeadLetter message = new DeadLetter(
                "id",
                "handle",
                "éa",
                Instant.EPOCH,
                1,
                Optional.empty(),
                Map.of(
                        "name",
                                MessageAttributeValue.builder()
                                        .dataType("String")
                                        .stringValue("ü")
                                        .build(),
                        "bin",
                                MessageAttributeValue.builder()
                                        .dataType("Binary")
                                        .binaryValue(SdkBytes.fromUtf8String("xyz"))
                                        .build()));

        assertThat(message.size()).isEqualTo(3 + (4 + 6 + 2) + (3 + 6 + 3));
        assertThat(message).hasToString("DeadLetter[id]");
    }

    @ParameterizedTest
    @ValueSource(doubles = {1, 2.5, 7, 20})
    void atEverySecondAtMostTheRateIsSentFromTheFirstMessageOn(double perSecond) {
        List<String> bodies = runs.addUploads(60);

        runs.run(runs.replay(Runs.rate(perSecond)));

        assertThat(sqs.bodies(QUEUE)).isEqualTo(bodies);
        assertThat(sqs.sends).allSatisfy(first -> {
            int inASecond = sqs.sends.stream()
                    .filter(send -> !send.getKey().isBefore(first.getKey())
                            && send.getKey().isBefore(first.getKey().plusSeconds(1)))
                    .mapToInt(Map.Entry::getValue)
                    .sum();
            assertThat(inASecond).isLessThanOrEqualTo((int) perSecond);
        });
        assertThat(Duration.between(FakeTime.START, runs.time.instant()))
                .isLessThan(Duration.ofSeconds((long) (60 / Math.floor(perSecond)) + 2));
    }

    @Test
    void aSlowReplayLeasesOnlyWhatItSendsSoon() {
        runs.addUploads(1_000);
        long[] most = {0};
        sqs.listener = call -> most[0] = Math.max(most[0], sqs.inFlight(DLQ));

        runs.run(runs.replay(Runs.rate(5)));

        assertThat(most[0]).isLessThanOrEqualTo(5);
    }

    @Test
    void entriesThatFailForAPassingCauseAreSentAgain() {
        List<String> bodies = runs.addUploads(30);
        Set<String> failedOnce = new HashSet<>();
        sqs.entryFailure = (call, body) -> failedOnce.add(call + body) ? "InternalError" : null;
        Replay replay = runs.replay();

        Drain.Report report = runs.run(replay);

        assertThat(report.isComplete()).isTrue();
        assertThat(report.undeleted()).isZero();
        assertThat(replay.counts().refused()).isEmpty();
        assertThat(sqs.bodies(QUEUE)).isEqualTo(bodies);
        assertThat(sqs.bodies(DLQ)).isEmpty();
        assertThat(sqs.deletedUnsent).isEmpty();
    }

    @Test
    void entriesThatAreThrottledByTheKeyAreSentAgainAlthoughTheSenderIsCalledAtFault() {
        List<String> bodies = runs.addUploads(10);
        Set<String> failedOnce = new HashSet<>();
        sqs.isSenderAtFault = true;
        sqs.entryFailure = (call, body) -> failedOnce.add(call + body) ? "KMS.ThrottlingException" : null;

        assertThat(runs.run(runs.replay()).isComplete()).isTrue();
        assertThat(sqs.bodies(QUEUE)).isEqualTo(bodies);
    }

    @Test
    void entriesThatAreRefusedStayAndAreCountedByTheirCode() {
        List<String> bodies = runs.addUploads(30);
        sqs.isSenderAtFault = true;
        sqs.entryFailure =
                (call, body) -> call == Call.SEND && body.equals(bodies.get(7)) ? "InvalidMessageContents" : null;
        Replay replay = runs.replay();

        Drain.Report report = runs.run(replay);

        assertThat(replay.counts().refused()).isEqualTo(Map.of("InvalidMessageContents", 1L));
        assertThat(replay.counts().sent()).isEqualTo(29);
        assertThat(report.deleted()).isEqualTo(29);
        assertThat(sqs.bodies(DLQ)).containsExactly(bodies.get(7));
        assertThat(sqs.deletedUnsent).isEmpty();
    }

    @Test
    void whatCannotBeDeletedIsCountedAndReleased() {
        List<String> bodies = runs.addUploads(30);
        sqs.isSenderAtFault = true;
        sqs.entryFailure =
                (call, body) -> call == Call.DELETE && body.equals(bodies.get(7)) ? "ReceiptHandleIsInvalid" : null;
        Replay replay = runs.replay();

        Drain.Report report = runs.run(replay);

        assertThat(replay.counts().sent()).isEqualTo(30);
        assertThat(report.deleted()).isEqualTo(29);
        assertThat(report.undeleted()).isEqualTo(1);
        assertThat(report.kept()).isEmpty();
        assertThat(sqs.inFlight(DLQ)).isZero();
    }

    @Test
    void aDeletionThatFailsIsTriedAgainAtTheEnd() {
        List<String> bodies = runs.addUploads(3);
        AtomicBoolean isOver = new AtomicBoolean();
        sqs.isSenderAtFault = true;
        sqs.listener = call -> isOver.compareAndSet(false, call == Call.ATTRIBUTES && !sqs.sends.isEmpty());
        sqs.entryFailure = (call, body) -> call == Call.DELETE && !isOver.get() ? "SomethingElse" : null;

        Drain.Report report = runs.run(runs.replay());

        assertThat(report.deleted()).isEqualTo(3);
        assertThat(report.undeleted()).isZero();
        assertThat(sqs.bodies(DLQ)).isEmpty();
        assertThat(sqs.bodies(QUEUE)).isEqualTo(bodies);
    }

    @Test
    void aMessageThatComesAgainIsNotSentTwiceButDeletedByItsNewReceiptHandle() {
        List<String> bodies = runs.addUploads(1);
        AtomicBoolean hasExpired = new AtomicBoolean();
        sqs.listener = call -> {
            // The lease ends while the message is deleted, and the run receives the message a second time.
            if (call == Call.DELETE && hasExpired.compareAndSet(false, true)) {
                runs.time.advance(Duration.ofHours(2));
                sqs.lease(DLQ, 1, Duration.ofSeconds(0));
            }
        };

        Drain.Report report = runs.run(runs.replay());

        assertThat(hasExpired).isTrue();
        assertThat(report.seen()).isEqualTo(1);
        assertThat(report.deleted()).isEqualTo(1);
        assertThat(sqs.bodies(QUEUE)).isEqualTo(bodies);
        assertThat(sqs.bodies(DLQ)).isEmpty();
    }

    @Test
    void aMessageThatFailsAgainDuringTheRunIsNotSentASecondTime() {
        List<String> bodies = runs.addUploads(1);
        AtomicBoolean hasFailed = new AtomicBoolean();
        sqs.listener = call -> {
            if (call == Call.DELETE && hasFailed.compareAndSet(false, true)) {
                sqs.move(QUEUE, DLQ);
            }
        };
        Replay replay = runs.replay();

        Drain.Report report = runs.run(replay);

        assertThat(replay.counts().sent()).isEqualTo(1);
        assertThat(replay.counts().cameBack()).isEqualTo(1);
        assertThat(report.seen()).isEqualTo(2);
        assertThat(sqs.bodies(DLQ)).isEqualTo(bodies);
    }

    @Test
    void aCancelledReplaySendsNoFurtherCall() {
        runs.addUploads(10);
        sqs.listener = call -> {
            if (call == Call.SEND) {
                runs.time.cancel();
            }
        };

        runs.run(runs.replay(Runs.rate(10)));

        assertThat(sqs.bodies(QUEUE)).hasSize(1);
        assertThat(sqs.bodies(DLQ)).hasSize(9);
    }

    @Test
    void onlyWhatNeedsTheTableLooksItUp() {
        assertThat(settings(Selection.ALL, false, true, false, 0).needsTable()).isTrue();
        assertThat(settings(Runs.reason("recorded"), false, false, false, 0).needsTable())
                .isTrue();
        assertThat(settings(Selection.ALL, true, false, true, 1).needsTable()).isFalse();
    }
}
