package io.datastream.imaging.load.spike;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.datastream.imaging.load.Options;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpikeSettingsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    uploads=0                          | -Duploads=0: give a whole number from 1
                    seconds=soon                       | -Dseconds=soon: give a whole number from 1
                    maximumConcurrency=1               | -DmaximumConcurrency=1: give a whole number from 2
                    shape=peak                         | -Dshape=peak: give one of steady, spike, staircase, soak
                    chaos=kills,fire                   | -Dchaos=fire: give one of
                    maximumP99=5                       | -DmaximumP99=5: give a time as 5s, 0.5s or 2m
                    maximumP99=-5s                     | -DmaximumP99=-5s: give a time as 5s, 0.5s or 2m
                    duplaods=5                         | unknown option -Dduplaods: the options are shape, uploads
                    pattern=steady                     | unknown option -Dpattern: the options are shape, uploads
                    compare=no-such.json               | -Dcompare=no-such.json: give the summary.json of a former run
                    compare=cloudformation/README.md   | give the summary.json of a former run
                    pipeline.outputs=o.json chaos=all  | a deployed stack takes only poison-files
                    pipeline.outputs=o.json environments=2 | leave them out
                    """)
    void aWrongOptionIsRefusedWithOneLine(String options, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings(options.split(" ")))
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1));
    }

    @Test
    void optionsOfJavaAndMavenAreNobodysMistake() {
        assertThat(settings("java.version=25", "maven.test.skip=true", "skipTests=true"))
                .isEqualTo(settings());
    }

    @ParameterizedTest
    @CsvSource({
        "shape=steady, 5",
        "shape=soak, 5",
        "shape=steady chaos=poison-files, 5",
        "shape=steady maximumP99=0.5s, 0.5",
        "shape=spike maximumP99=1m, 60",
        "shape=spike,",
        "shape=staircase,",
        "shape=steady chaos=kills,"
    })
    void thePromisedLatencyIsTheThresholdBelowTheLimitsOnly(String options, Double seconds) {
        assertThat(settings(options.split(" ")).thresholds().p99())
                .isEqualTo(java.util.Optional.ofNullable(seconds).map(it -> Duration.ofMillis(Math.round(it * 1_000))));
    }

    private static SpikeSettings settings(String... options) {
        Map<String, String> values = new HashMap<>();
        for (String option : options) {
            values.put(option.substring(0, option.indexOf('=')), option.substring(option.indexOf('=') + 1));
        }
        return SpikeSettings.of(new Options(values));
    }
}
