package io.datastream.imaging.load.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.datastream.imaging.load.ledger.Verdict.Kind;
import io.datastream.imaging.load.ledger.Verdict.Problem;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** One lost, stale, wrong or wrongly dead-lettered upload among many makes a run fail. */
class AuditTest {

    private static final String BUCKET = "uploads";
    private static final Instant START = Instant.parse("2026-11-23T09:00:00.000Z");
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    private static final String KEY = "patient-0001_ct.dcm";

    private final Ledger ledger = new Ledger();
    private final List<StoredRecord> table = new ArrayList<>();
    private final List<String> deadLetters = new ArrayList<>();

    @BeforeEach
    void anUploadOfEachKindThatWentWell() {
        record(upload(KEY, "v1", 0));
        record(upload(KEY, "v2", 10));
        record(upload("patient-0002.dcm", "v3", 20));
        ledger.acknowledged(new Upload("scan.dcm", Optional.empty(), 5, "v4", "tag", START, START));
        deadLetters.add("scan.dcm");
    }

    @Test
    void aRunInWhichAllWentWellPasses() {
        assertThat(verdict()).isEqualTo(new Verdict(4, 3, 1, 1, List.of()));
    }

    @Test
    void aLostRecordFailsTheRun() {
        table.removeLast();

        assertThat(problems()).containsExactly(Kind.LOST);
    }

    @Test
    void aKeyWhoseNewestUploadHasNoRecordIsStale() {
        table.remove(1);

        assertThat(problems()).containsExactlyInAnyOrder(Kind.LOST, Kind.STALE);
    }

    @Test
    void aKeyWhoseOlderUploadClaimsToBeTheNewestIsStale() {
        replace(0, "uploadTimestamp", AttributeValue.fromS("2026-11-23T09:00:11.000Z"));

        assertThat(problems()).containsExactly(Kind.WRONG, Kind.STALE);
    }

    @Test
    void uploadsOfAKeyAtTheSameTimeAreNeverStale() {
        ledger.acknowledged(
                new Upload(KEY, Optional.of("0001"), 7, "v5", "tag-v5", START.plusSeconds(9), START.plusSeconds(12)));
        table.add(recordOf("v5", START.plusMillis(9_500)));

        assertThat(problems()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"patientId", "bucketName", "eTag", "versionId", "sequencer", "uploadTimestamp"})
    void aWrongOrMissingAttributeFailsTheRun(String attribute) {
        replace(2, attribute, AttributeValue.fromS("no"));
        assertThat(problems()).containsExactly(Kind.WRONG);
    }

    @Test
    void aWrongSizeFailsTheRun() {
        replace(2, "fileSize", AttributeValue.fromN("8"));

        assertThat(problems()).containsExactly(Kind.WRONG);
    }

    @Test
    void aRecordOfNoUploadFailsTheRun() {
        table.add(recordOf("v9", START));

        assertThat(problems()).containsExactly(Kind.WRONG);
    }

    @Test
    void aRecordOfAnUploadWithoutAnswerIsRight() {
        ledger.refused(KEY, "503");
        table.add(recordOf("v9", START));

        assertThat(problems()).isEmpty();
    }

    @Test
    void aRecordOfAPoisonFileFailsTheRun() {
        Map<String, AttributeValue> item = new HashMap<>(recordOf("v4", START).attributes());
        item.put("fileKey", AttributeValue.fromS("scan.dcm"));
        table.add(StoredRecord.of(item));

        assertThat(problems()).containsExactly(Kind.WRONG);
    }

    @Test
    void aPoisonFileThatIsNotInTheDlqFailsTheRun() {
        deadLetters.clear();

        assertThat(verdict().problems()).containsExactly(new Problem(Kind.POISON_NOT_IN_DLQ, "scan.dcm", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {KEY, ""})
    void aDeadLetterThatIsNoPoisonFileFailsTheRun(String key) {
        deadLetters.add(key);

        assertThat(problems()).containsExactly(Kind.WRONGLY_IN_DLQ);
    }

    @Test
    void aMessageOfAnotherRunIsReportedWithoutItsName() {
        deadLetters.add("patient-9999_someone.dcm");

        assertThat(verdict().problems()).containsExactly(new Problem(Kind.WRONGLY_IN_DLQ, "", ""));
    }

    @Test
    void aLostUploadIsReportedWithItsName() {
        table.removeLast();

        assertThat(verdict().problems()).containsExactly(new Problem(Kind.LOST, "patient-0002.dcm", "v3"));
    }

    private List<Kind> problems() {
        return verdict().problems().stream().map(Problem::kind).toList();
    }

    private Verdict verdict() {
        return new Audit(BUCKET, Duration.ofSeconds(2)).judge(ledger, table, deadLetters);
    }

    private static Upload upload(String key, String versionId, int second) {
        Instant started = START.plusSeconds(second);
        String patient = key.substring("patient-".length(), "patient-".length() + 4);
        return new Upload(key, Optional.of(patient), 7, versionId, "tag-" + versionId, started, started.plusSeconds(1));
    }

    private void record(Upload upload) {
        ledger.acknowledged(upload);
        Map<String, AttributeValue> item =
                new HashMap<>(recordOf(upload.versionId(), upload.started()).attributes());
        item.put("fileKey", AttributeValue.fromS(upload.objectKey()));
        item.put("patientId", AttributeValue.fromS(upload.patientId().orElseThrow()));
        table.add(StoredRecord.of(item));
    }

    private static StoredRecord recordOf(String versionId, Instant time) {
        return StoredRecord.of(Map.of(
                "fileKey", AttributeValue.fromS(KEY),
                "uploadId", AttributeValue.fromS(versionId),
                "bucketName", AttributeValue.fromS(BUCKET),
                "fileSize", AttributeValue.fromN("7"),
                "uploadTimestamp", AttributeValue.fromS(TIME.format(time)),
                "patientId", AttributeValue.fromS("0001"),
                "eTag", AttributeValue.fromS("tag-" + versionId),
                "versionId", AttributeValue.fromS(versionId),
                "sequencer", AttributeValue.fromS("0A")));
    }

    private void replace(int index, String attribute, AttributeValue value) {
        Map<String, AttributeValue> item = new HashMap<>(table.get(index).attributes());
        item.put(attribute, value);
        table.set(index, StoredRecord.of(item));
    }
}
