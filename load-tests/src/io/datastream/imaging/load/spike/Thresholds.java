package io.datastream.imaging.load.spike;

import io.datastream.imaging.load.Options;
import java.time.Duration;
import java.util.Optional;

/**
 * What a run may take. An absent threshold is not applied.
 *
 * @param p50 {@code -DmaximumP50=}: upload to record, half of all
 * @param p95 {@code -DmaximumP95=}: upload to record, 95 of 100
 * @param p99 {@code -DmaximumP99=}: upload to record, 99 of 100; below the pipeline's limits, promise 6 if not given
 * @param putP99 {@code -DmaximumPutP99=}: S3's response to a PUT, 99 of 100
 * @param putErrors {@code -DmaximumPutErrors=}: uploads that S3 does not acknowledge, 0 if not given
 */
record Thresholds(
        Optional<Duration> p50,
        Optional<Duration> p95,
        Optional<Duration> p99,
        Optional<Duration> putP99,
        int putErrors) {

    /** Promise 6 of the README. */
    static final Duration PROMISED_P99 = Duration.ofSeconds(5);

    static Thresholds of(Options options, boolean belowLimits) {
        return new Thresholds(
                options.duration("maximumP50"),
                options.duration("maximumP95"),
                options.duration("maximumP99")
                        .or(() -> Optional.of(PROMISED_P99).filter(promised -> belowLimits)),
                options.duration("maximumPutP99"),
                options.number("maximumPutErrors", 0, 0));
    }
}
