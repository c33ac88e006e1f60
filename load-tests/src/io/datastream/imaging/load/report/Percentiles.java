package io.datastream.imaging.load.report;

import java.time.Duration;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/** Milliseconds, to three significant digits. */
public record Percentiles(long count, long p50, long p95, long p99, long max) {

    public static Percentiles of(Stream<Duration> durations) {
        Histogram histogram = new Histogram(3);
        // Timestamps are whole milliseconds of several clocks: a hop of none can seem to take less than nothing.
        durations.forEach(duration -> histogram.recordValue(Math.max(0, duration.toMillis())));
        return new Percentiles(
                histogram.getTotalCount(),
                histogram.getValueAtPercentile(50),
                histogram.getValueAtPercentile(95),
                histogram.getValueAtPercentile(99),
                histogram.getMaxValue());
    }
}
