package io.datastream.imaging.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datastream.imaging.metadata.ImageMetadata;
import io.datastream.imaging.metadata.ImageMetadataTable;
import io.datastream.imaging.metadata.MetadataExtractor;
import io.datastream.imaging.metadata.PatientIdPattern;
import io.datastream.imaging.metadata.RecordKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

@Timeout(60)
class ReconciliationTest {

    private static final Instant TIME = Instant.parse("2026-11-20T09:30:00.125Z");
    private static final String INVENTORY = "2026-11-27T01-00Z";
    private static final Scope SCOPE =
            Scope.of(List.of(".dcm"), Instant.parse("2026-11-27T01:00:00Z"), Duration.ofDays(4));

    private final TestTable dynamoDb = new TestTable();
    private Tally tally = new Tally();
    private final List<Finding> findings = new ArrayList<>();
    private long maximumRepairs = 10_000;

    private Reconciliation.Result run(Iterator<InventoryRow> rows, Duration timeLeft) {
        RecordTable table = new RecordTable(dynamoDb, TestTable.NAME, INVENTORY, 1e9, duration -> {});
        Instant deadline = Instant.now().plus(timeLeft);
        return new Reconciliation(
                        table,
                        new MetadataExtractor(PatientIdPattern.compile(PatientIdPattern.DEFAULT)),
                        Thread.ofVirtual()::start,
                        Thread::sleep)
                .run(
                        rows,
                        new Reconciliation.Task(
                                "uploads", SCOPE, maximumRepairs, (finding, row) -> findings.add(finding)),
                        tally,
                        () -> Duration.between(Instant.now(), deadline));
    }

    private Reconciliation.Result run(List<InventoryRow> rows) {
        return run(rows.iterator(), Duration.ofSeconds(50));
    }

    private static InventoryRow row(int number) {
        return new InventoryRow("patient-" + number + ".dcm", "v" + number, false, number, TIME, "e" + number);
    }

    private static List<InventoryRow> rows(int number) {
        return IntStream.range(0, number).mapToObj(ReconciliationTest::row).toList();
    }

    private static ImageMetadata upload(InventoryRow row, @Nullable String sequencer) {
        return new ImageMetadata(
                new RecordKey(row.objectKey(), row.versionId()),
                "uploads",
                row.size(),
                row.lastModified(),
                row.objectKey().replaceAll("[^0-9]", ""),
                row.eTag(),
                row.versionId(),
                sequencer);
    }

    private void record(List<InventoryRow> rows) {
        rows.forEach(row -> dynamoDb.record(ImageMetadataTable.item(upload(row, "0A"))));
    }

    @Test
    void findsNothingMissingWhereEverythingIsRecorded() {
        record(rows(1_234));

        assertThat(run(rows(1_234))).isEqualTo(new Reconciliation.Result(1_234, null));
        assertThat(tally.of(Finding.RECORDED)).isEqualTo(1_234);
        assertThat(tally.read()).isEqualTo(1_234);
        assertThat(dynamoDb.puts).hasValue(0);
        assertThat(dynamoDb.lookups).hasValue(13);
    }

    @Test
    void aRepairIsTheNotificationsItemWithItsOriginAndWithoutSequencer() {
        run(List.of(row(7)));

        assertThat(dynamoDb.items.get(new RecordKey("patient-7.dcm", "v7")))
                .isEqualTo(RecordTable.item(upload(row(7), null), INVENTORY))
                .containsEntry("recordedBy", AttributeValue.fromS("reconcile"));
        assertThat(tally.of(Finding.REPAIRED)).isEqualTo(1);
    }

    @Test
    void aRecordThatDynamoDbRefusesStaysMissingAndStopsNoOther() {
        dynamoDb.beforePut = number -> {
            if (number == 2) {
                throw TestTable.error("ValidationException", 400);
            }
        };

        assertThat(run(rows(250))).isEqualTo(new Reconciliation.Result(250, null));

        assertThat(tally.of(Finding.MISSING)).isEqualTo(1);
        assertThat(tally.of(Finding.REPAIRED)).isEqualTo(249);
        assertThat(dynamoDb.items).hasSize(249);
    }

    @Test
    void aMismatchIsReportedAndNeverChanged() {
        InventoryRow otherSize = new InventoryRow("patient-1.dcm", "v1", false, 99, TIME, "e1");
        InventoryRow otherTag = new InventoryRow("patient-2.dcm", "v2", false, 2, TIME, "other");
        InventoryRow noTag = new InventoryRow("patient-3.dcm", "v3", false, 3, TIME, null);
        record(List.of(row(1), row(2), row(3)));
        var before = Map.copyOf(dynamoDb.items);

        run(List.of(otherSize, otherTag, noTag));

        assertThat(findings).containsExactly(Finding.MISMATCHED, Finding.MISMATCHED, Finding.RECORDED);
        assertThat(dynamoDb.items).isEqualTo(before);
    }

    @Test
    void aFileNameWithoutPatientIdIsReported() {
        run(List.of(new InventoryRow("holiday.dcm", "v", false, 1, TIME, "e"), row(1)));

        assertThat(findings).containsExactly(Finding.NO_PATIENT_ID, Finding.REPAIRED);
    }

    @Test
    void aReportRepairsNothing() {
        maximumRepairs = 0;

        run(rows(3));

        assertThat(tally.of(Finding.MISSING)).isEqualTo(3);
        assertThat(dynamoDb.puts).hasValue(0);
    }

    @Test
    void repairsNoneBeyondTheMaximum() {
        maximumRepairs = 137;

        run(rows(500));

        assertThat(tally.of(Finding.REPAIRED)).isEqualTo(137);
        assertThat(tally.of(Finding.MISSING)).isEqualTo(363);
        assertThat(dynamoDb.items).hasSize(137);
    }

    @Test
    void aSecondDeliveryCountsTheSameAndRepairsNoneBeyondTheMaximum() {
        maximumRepairs = 137;
        run(rows(500));
        tally = new Tally();

        run(rows(500));

        assertThat(tally.of(Finding.REPAIRED)).isEqualTo(137);
        assertThat(tally.of(Finding.MISSING)).isEqualTo(363);
        assertThat(dynamoDb.items).hasSize(137);
    }

    @Test
    void repairsOfAnotherInventoryAreRecords() {
        dynamoDb.record(RecordTable.item(upload(row(1), null), "2026-11-26T01-00Z"));

        run(List.of(row(1)));

        assertThat(findings).containsExactly(Finding.RECORDED);
    }

    @Test
    void theSameRowTwiceIsLookedUpOnce() {
        run(List.of(row(1), row(1)));

        assertThat(findings).containsExactlyInAnyOrder(Finding.REPAIRED, Finding.OUT_OF_SCOPE);
        assertThat(tally.read()).isEqualTo(2);
    }

    @Test
    void unprocessedKeysAreLookedUpAgain() {
        record(rows(1_000));
        dynamoDb.processed = keys -> (keys + 1) / 2;

        run(rows(1_000));

        assertThat(tally.of(Finding.RECORDED)).isEqualTo(1_000);
        assertThat(dynamoDb.puts).hasValue(0);
    }

    @Test
    void whatTheFirstReadDoesNotFindIsReadAgainConsistently() {
        record(rows(10));
        // The first read is eventually consistent: it does not see the newest items.
        var items = Map.copyOf(dynamoDb.items);
        dynamoDb.items.clear();
        dynamoDb.beforeLookup = number -> {
            if (number == 2) {
                dynamoDb.items.putAll(items);
            }
        };

        run(rows(10));

        assertThat(tally.of(Finding.RECORDED)).isEqualTo(10);
        assertThat(dynamoDb.lookups).hasValue(2);
    }

    @Test
    void aFailedConditionCountsAsDone() {
        dynamoDb.beforePut = number -> record(List.of(row(1)));

        assertThat(run(List.of(row(1))).cause()).isNull();

        assertThat(dynamoDb.items.get(new RecordKey("patient-1.dcm", "v1")))
                .isEqualTo(ImageMetadataTable.item(upload(row(1), "0A")));
    }

    @Test
    void stopsInOrderWhenTheTableFails() {
        record(rows(5_000));
        dynamoDb.beforeLookup = number -> {
            if (number > 20) {
                throw TestTable.error("ProvisionedThroughputExceededException", 400);
            }
        };

        Reconciliation.Result result = run(rows(5_000));

        assertThat(result.cause()).isEqualTo("ProvisionedThroughputExceededException");
        assertThat(result.settledRows()).isEqualTo(tally.read()).isLessThanOrEqualTo(2_000);
    }

    @Test
    void whatIsNotSettledIsNeitherCountedNorLost() {
        dynamoDb.beforePut = number -> {
            if (number == 50) {
                throw TestTable.lostAnswer();
            }
        };

        Reconciliation.Result first = run(rows(100));

        assertThat(first).isEqualTo(new Reconciliation.Result(0, "SdkClientException"));
        assertThat(tally.read()).isZero();
        run(rows(100));
        assertThat(tally.of(Finding.REPAIRED)).isEqualTo(100);
    }

    @Test
    void nothingIsWaitedForPastTheDeadline() {
        record(rows(1_000));
        dynamoDb.beforeLookup = number -> {
            if (number == 4) {
                TestTable.hang();
            }
        };

        Reconciliation.Result result = run(rows(1_000).iterator(), Duration.ofSeconds(1));

        assertThat(result.cause()).isEqualTo(Reconciliation.DEADLINE);
        assertThat(result.settledRows()).isEqualTo(tally.read());
    }

    /** Otherwise its thread and its connection would stay for the next invocation. */
    @Test
    void aCallThatHangsIsInterruptedWhenTheTimeIsOver() throws InterruptedException {
        CountDownLatch interrupted = new CountDownLatch(2);
        Consumer<Integer> hang = number -> {
            try {
                TestTable.hang();
            } finally {
                interrupted.countDown();
            }
        };
        dynamoDb.beforeLookup = hang;
        run(rows(1).iterator(), Duration.ofMillis(300));
        dynamoDb.beforeLookup = number -> {};
        dynamoDb.beforePut = hang;
        run(rows(1).iterator(), Duration.ofMillis(300));

        assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void anInterruptedThreadWaitsForNothingAndStaysInterrupted() {
        dynamoDb.beforeLookup = number -> TestTable.hang();
        Thread.currentThread().interrupt();

        Reconciliation.Result result = run(rows(1_000));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(result).isEqualTo(new Reconciliation.Result(0, Reconciliation.DEADLINE));
        assertThat(tally.read()).isZero();
    }

    @Test
    void withoutTimeNothingIsRead() {
        assertThat(run(rows(1_000).iterator(), Duration.ZERO))
                .isEqualTo(new Reconciliation.Result(0, Reconciliation.DEADLINE));
        assertThat(dynamoDb.lookups).hasValue(0);
    }

    @Test
    void theRowsBeforeAnUnreadableOneAreSettled() {
        Iterator<InventoryRow> rows = new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public InventoryRow next() {
                if (next == 250) {
                    throw new RefusedInventoryException(RefusalReason.ROW_UNREADABLE, "row 251");
                }
                return row(next++);
            }
        };

        assertThatThrownBy(() -> run(rows, Duration.ofSeconds(50))).hasMessage("row-unreadable: row 251");

        assertThat(tally.of(Finding.REPAIRED)).isEqualTo(250);
    }

    @Test
    void aBugIsNotTakenForAnAnswerOfAws() {
        dynamoDb.beforeLookup = number -> {
            throw new NoSuchElementException();
        };

        assertThatThrownBy(() -> run(rows(1))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void manyRowsOutsideOfTheScopeEndAGroup() {
        List<InventoryRow> others = Stream.generate(() -> new InventoryRow("a.txt", "v", false, 1, TIME, null))
                .limit(25_000)
                .toList();

        assertThat(run(others)).isEqualTo(new Reconciliation.Result(25_000, null));
        assertThat(tally.of(Finding.OUT_OF_SCOPE)).isEqualTo(25_000);
        assertThat(dynamoDb.lookups).hasValue(0);
    }

    @Test
    void repairsWaitForTheirTurnAtTheRate() throws InterruptedException {
        List<Duration> sleeps = new ArrayList<>();
        RecordTable table = new RecordTable(dynamoDb, TestTable.NAME, INVENTORY, 0.001, sleeps::add);

        for (int number = 0; number < 4; number++) {
            table.repair(upload(row(number), null));
        }

        assertThat(sleeps).hasSize(3);
        for (int number = 0; number < 3; number++) {
            assertThat(sleeps.get(number)).isCloseTo(Duration.ofSeconds(1_000L * (number + 1)), Duration.ofSeconds(60));
        }
    }

    @Test
    void unprocessedKeysAreLookedUpAfterAPause() throws InterruptedException {
        List<Duration> sleeps = new ArrayList<>();
        dynamoDb.processed = keys -> dynamoDb.lookups.get() == 1 ? 0 : keys;
        record(rows(3));

        assertThat(new RecordTable(dynamoDb, TestTable.NAME, INVENTORY, 1, sleeps::add)
                        .find(rows(3).stream()
                                .map(row -> new RecordKey(row.objectKey(), row.versionId()))
                                .toList()))
                .hasSize(3);

        assertThat(sleeps).singleElement().satisfies(pause -> assertThat(pause).isLessThan(Duration.ofMillis(51)));
    }

    @Test
    void theNumbersOfRowsAddUp() {
        Map<Finding, Integer> rows = Map.of(
                Finding.RECORDED, 1,
                Finding.MISMATCHED, 2,
                Finding.MISSING, 4,
                Finding.REPAIRED, 8,
                Finding.NO_PATIENT_ID, 16,
                Finding.UNSUPPORTED, 32,
                Finding.TOO_RECENT, 64,
                Finding.OUT_OF_SCOPE, 128);
        rows.forEach((finding, number) -> tally.add(finding, number));

        assertThat(tally.missed()).isEqualTo(12);
        assertThat(tally.compared()).isEqualTo(31);
        assertThat(tally.read()).isEqualTo(255);
    }
}
