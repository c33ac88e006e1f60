package io.datastream.imaging.deadletter;

import static io.datastream.imaging.deadletter.MessageExaminerTest.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datastream.imaging.notification.RejectionReason;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelectionTest {

    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

    @Test
    void theKeyCountsEvenWhereThereIsNoPatientId() {
        Selection ward = new Selection(Set.of(), Optional.of("ward/"), Optional.empty(), Optional.empty());

        assertThat(ward.includes(rejected(Uploads.body("ward/scan.dcm"), NOON))).isTrue();
        assertThat(ward.includes(rejected(Uploads.body("other/ward/scan.dcm"), NOON)))
                .isFalse();
        assertThat(ward.includes(rejected("ward/", NOON))).isFalse();
    }

    @Test
    void sinceIncludesItsTimeAndBeforeDoesNot() {
        Selection since = new Selection(Set.of(), Optional.empty(), Optional.of(NOON), Optional.empty());
        Selection before = new Selection(Set.of(), Optional.empty(), Optional.empty(), Optional.of(NOON));

        assertThat(since.includes(rejected("", NOON))).isTrue();
        assertThat(since.includes(rejected("", NOON.minusMillis(1)))).isFalse();
        assertThat(before.includes(rejected("", NOON))).isFalse();
        assertThat(before.includes(rejected("", NOON.minusMillis(1)))).isTrue();
    }

    @Test
    void allConditionsMustBeMet() {
        Selection both =
                new Selection(Set.of("no-patient-id"), Optional.of("ward/"), Optional.empty(), Optional.empty());

        assertThat(both.includes(rejected(Uploads.body("ward/scan.dcm"), NOON))).isTrue();
        assertThat(both.includes(rejected(Uploads.body("scan.dcm"), NOON))).isFalse();
        assertThat(Selection.ALL.includes(rejected("", NOON))).isTrue();
    }

    @Test
    void anUnknownReasonIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(
                        () -> new Selection(Set.of("no-patient"), Optional.empty(), Optional.empty(), Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no-patient")
                .hasMessageContaining("not-recorded")
                .hasMessageContaining("no-patient-id");
    }

    @ParameterizedTest
    @CsvSource({"recorded, true", "not-recorded, true", "lookup-refused, true", "no-patient-id, false"})
    void onlyTheStateInTheTableNeedsALookup(String reason, boolean needsTable) {
        assertThat(Runs.reason(reason).needsTable()).isEqualTo(needsTable);
    }

    private static MessageExaminer.Examined rejected(String body, Instant sentAt) {
        return new MessageExaminer.Examined(
                message(body, sentAt), new Diagnosis.Rejected(RejectionReason.NO_PATIENT_ID));
    }
}
