package io.datastream.imaging.load.spike;

import static org.assertj.core.api.Assertions.assertThat;

import io.datastream.imaging.load.Options;
import io.datastream.imaging.load.ledger.Ledger.Refused;
import io.datastream.imaging.load.ledger.Upload;
import io.datastream.imaging.load.ledger.Verdict;
import io.datastream.imaging.load.ledger.Verdict.Kind;
import io.datastream.imaging.load.ledger.Verdict.Problem;
import io.datastream.imaging.load.spike.InvocationLog.Arrival;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a run is judged by, and how it is told to people, to CI and to the next run. */
class SpikeReportTest {

    private static final Instant BEGUN = Instant.parse("2026-11-27T04:00:00Z");

    /** Ten uploads, a second apart; their responses take 100 ms to 1 s, their records come 1 to 10 s after. */
    private static final List<Upload> UPLOADS = IntStream.rangeClosed(1, 10)
            .mapToObj(number -> new Upload(
                    "run/patient-%d.dcm".formatted(number),
                    Optional.of(String.valueOf(number)),
                    7,
                    "v" + number,
                    "tag",
                    BEGUN.plusSeconds(number),
                    BEGUN.plusSeconds(number).plusMillis(100L * number)))
            .toList();

    private final Map<String, String> options = new HashMap<>(Map.of("shape", "steady", "pipeline.outputs", "o.json"));
    private Verdict verdict = new Verdict(10, 10, 0, 0, List.of());
    private List<Refused> refused = List.of();

    @ParameterizedTest
    @CsvSource({
        "maximumP99, 10.1s, true",
        "maximumP99, 9.9s, false",
        "maximumP95, 10.1s, true",
        "maximumP95, 9s, false",
        "maximumP50, 5.1s, true",
        "maximumP50, 4s, false",
        "maximumPutP99, 1.1s, true",
        "maximumPutP99, 0.9s, false"
    })
    void aRunThatTookLongerThanAThresholdFails(String option, String threshold, boolean passed) {
        options.put("shape", "spike");
        options.put(option, threshold);

        assertThat(findings().passed()).isEqualTo(passed);
    }

    @Test
    void aSteadyRunAbovePromise6Fails() {
        assertThat(findings().checks())
                .contains(new Check("upload to record, p99", "10.0 s", "5.0 s (promise 6)", Check.Result.FAILED));
    }

    @Test
    void thatAThresholdIsNotAppliedIsStated() {
        options.put("shape", "spike");

        assertThat(findings().passed()).isTrue();
        assertThat(report().text())
                .containsPattern("NOT APPLIED +upload to record, p99 +10\\.0 s +not applied: a spike may go above");
    }

    @ParameterizedTest
    @CsvSource({"LOST", "STALE", "WRONG", "WRONGLY_IN_DLQ"})
    void aProblemFailsTheRunAndIsNamed(Kind kind) {
        options.put("shape", "spike");
        verdict = new Verdict(10, 9, 0, 0, List.of(new Problem(kind, "run/patient-3.dcm", "v3")));

        assertThat(findings().passed()).isFalse();
    }

    @Test
    void aRunWithoutUploadsFails() {
        options.put("shape", "spike");
        verdict = new Verdict(0, 0, 0, 0, List.of());

        assertThat(findings().passed()).isFalse();
    }

    @Test
    void uploadsThatS3RefusedAreCountedByError() {
        options.put("shape", "spike");
        refused = List.of(new Refused("a", "503"), new Refused("b", "503"), new Refused("c", "no response"));

        assertThat(findings().checks())
                .contains(new Check(
                        "uploads that S3 did not acknowledge",
                        "3 of 13 {503=2, no response=1}",
                        "0 (-DmaximumPutErrors)",
                        Check.Result.FAILED));
        options.put("maximumPutErrors", "3");
        assertThat(findings().passed()).isTrue();
    }

    @Test
    void continuousIntegrationReadsEachCheckAsATest() {
        assertThat(report().junit().text())
                .contains("<testsuite name=\"load test steady-deployed\" timestamp=\"2026-11-27T04:00:00Z\"")
                .contains("failures=\"1\"")
                .containsPattern("<testcase name=\"upload to record, p99\"[^>]*>\\s*<failure message=\"10.0 s; limit")
                .containsPattern("<testcase name=\"lost uploads\"[^>]*/>")
                .doesNotContain("p95");
        options.put("shape", "spike");
        assertThat(report().junit().text())
                .containsPattern("<testcase name=\"upload to record, p99\"[^>]*>\\s*<skipped message=");
    }

    @Test
    void theSummarySaysWhenAndWhatWasLoaded() {
        assertThat(report().summary().path("begun").asString()).isEqualTo("2026-11-27T04:00:00Z");
        assertThat(report().summary().path("target").asString()).isEqualTo("a test");
        assertThat(report().summary().at("/load/seed").asInt()).isEqualTo(1);
        assertThat(report().summary().at("/machine/commit").asString()).isNotEmpty();
    }

    @Test
    void twoRunsAreCompared(@TempDir Path folder) throws Exception {
        Path former = folder.resolve("summary.json");
        options.put("seed", "2");
        Files.writeString(former, report().summary().toString().replace("\"p99\":10007", "\"p99\":5000"));
        options.put("seed", "1");
        options.put("compare", former.toString());

        assertThat(report().text())
                .containsPattern("upload to record, p99, ms +5,000 +10,007 +\\+100 %")
                .contains("The former run had: seed 2 (now 1).");
    }

    private SpikeReport report() {
        return new SpikeReport(findings());
    }

    private Findings findings() {
        List<Arrival> arrivals = IntStream.rangeClosed(1, 10)
                .mapToObj(number -> new Arrival(
                        BEGUN.plusSeconds(number), BEGUN.plusSeconds(number).plusSeconds(number)))
                .toList();
        return Findings.of(
                SpikeSettings.of(new Options(options)),
                BEGUN,
                "a test",
                verdict,
                refused,
                true,
                new Findings.Evidence(UPLOADS, List.of(), arrivals, List.of()),
                Optional.empty());
    }
}
