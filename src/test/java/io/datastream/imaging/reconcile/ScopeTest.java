package io.datastream.imaging.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScopeTest {

    private static final Scope SCOPE =
            Scope.of(List.of(".dcm", ".DCM"), Instant.parse("2026-11-27T01:00:00Z"), Duration.ofDays(4));

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            textBlock =
                    """
                    patient-1.dcm, v1,   false, 2026-11-20T00:00:00Z, RECORDED
                    patient-1.DCM, v1,   false, 2026-11-23T01:00:00Z, RECORDED
                    patient-1.dcm, v1,   false, 2026-11-23T01:00:00.001Z, TOO_RECENT
                    patient-1.dcm, v1,   true,  2026-11-20T00:00:00Z, OUT_OF_SCOPE
                    patient-1.Dcm, v1,   false, 2026-11-20T00:00:00Z, OUT_OF_SCOPE
                    patient-1.txt, v1,   false, 2026-11-20T00:00:00Z, OUT_OF_SCOPE
                    patient-1.dcm, -,    false, 2026-11-20T00:00:00Z, UNSUPPORTED
                    patient-1.dcm, null, false, 2026-11-20T00:00:00Z, UNSUPPORTED
                    """)
    void tellsWhichRowsMustHaveARecord(
            String key, String versionId, boolean isDeleteMarker, Instant lastModified, Finding finding) {
        assertThat(SCOPE.of(new InventoryRow(key, versionId, isDeleteMarker, 1, lastModified, "e")))
                .isEqualTo(finding);
    }

    @Test
    void withoutSuffixesEveryKeyIsInScope() {
        Scope all = new Scope(List.of(), Instant.parse("2026-11-20T00:00:00Z"), Instant.MAX);

        assertThat(all.of(new InventoryRow("x", "v1", false, 1, Instant.parse("2026-11-20T00:00:00Z"), null)))
                .isEqualTo(Finding.RECORDED);
        assertThat(all.of(new InventoryRow("x", "v1", false, 1, Instant.parse("2026-11-19T23:59:59Z"), null)))
                .isEqualTo(Finding.OUT_OF_SCOPE);
    }
}
