package io.datastream.imaging.load.spike;

import io.datastream.imaging.load.ledger.Upload;
import io.datastream.imaging.load.report.Percentiles;
import io.datastream.imaging.load.report.Series;
import io.datastream.imaging.load.report.Series.Point;
import io.datastream.imaging.load.spike.InvocationLog.Passage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A run's evidence second by second. */
final class Timeline {

    private final Findings.Evidence evidence;
    private final Instant begin;
    private final long seconds;

    Timeline(Findings.Evidence evidence) {
        this.evidence = evidence;
        Stream<Instant> looks = evidence.samples().stream().map(Monitor.Sample::time);
        Stream<Instant> starts = evidence.uploads().stream().map(Upload::started);
        this.begin = starts.min(Instant::compareTo).orElseGet(Instant::now);
        this.seconds = Math.max(1, (long) second(looks.max(Instant::compareTo).orElse(begin.plusSeconds(1))));
    }

    /** From the first upload to the last look. */
    long seconds() {
        return seconds;
    }

    Series uploadsPerSecond() {
        return perSecond("uploads/s", evidence.uploads().stream().map(Upload::acknowledged));
    }

    Series recordsPerSecond() {
        return perSecond("records/s", evidence.passages().stream().map(Passage::written));
    }

    private Series perSecond(String name, Stream<Instant> times) {
        Map<Long, Long> counts =
                times.collect(Collectors.groupingBy(time -> (long) Math.floor(second(time)), Collectors.counting()));
        List<Point> points = new ArrayList<>();
        for (long second = 0; second <= seconds; second++) {
            points.add(new Point(second, counts.getOrDefault(second, 0L)));
        }
        return new Series(name, points);
    }

    /** A value of each look. */
    Series sampled(String name, ToDoubleFunction<Monitor.Sample> value) {
        return new Series(
                name,
                looks().map(sample -> new Point(second(sample.time()), value.applyAsDouble(sample)))
                        .toList());
    }

    /** How fast a count grew from look to look. */
    Series rate(String name, ToLongFunction<Monitor.Sample> count) {
        List<Monitor.Sample> samples = looks().toList();
        List<Point> points = new ArrayList<>();
        for (int look = 1; look < samples.size(); look++) {
            Monitor.Sample before = samples.get(look - 1);
            Monitor.Sample sample = samples.get(look);
            double elapsed = Duration.between(before.time(), sample.time()).toNanos() / 1e9;
            points.add(new Point(
                    second(sample.time()), (count.applyAsLong(sample) - count.applyAsLong(before)) / elapsed));
        }
        return new Series(name, points);
    }

    /** The age of the oldest message that SQS had taken and no function had done with. */
    Series ageOfOldestMessage() {
        return sampled(
                "seconds",
                sample -> evidence.passages().stream()
                                .filter(passage -> passage.queued().isBefore(sample.time())
                                        && passage.written().isAfter(sample.time()))
                                .mapToLong(passage -> Duration.between(passage.queued(), sample.time())
                                        .toMillis())
                                .max()
                                .orElse(0)
                        / 1e3);
    }

    /** By the second of the upload. */
    Series latency(String name, Function<Percentiles, Long> percentile) {
        TreeMap<Long, List<Passage>> bySecond = evidence.passages().stream()
                .collect(Collectors.groupingBy(
                        passage -> (long) Math.floor(second(passage.stored())), TreeMap::new, Collectors.toList()));
        List<Point> points = new ArrayList<>();
        bySecond.forEach((second, passages) -> points.add(new Point(
                Math.max(0, second),
                percentile.apply(Percentiles.of(
                                passages.stream().map(it -> Duration.between(it.stored(), it.written()))))
                        / 1e3)));
        return new Series(name, points);
    }

    private Stream<Monitor.Sample> looks() {
        return evidence.samples().stream().filter(sample -> !sample.time().isBefore(begin));
    }

    private double second(Instant time) {
        return Duration.between(begin, time).toMillis() / 1e3;
    }
}
