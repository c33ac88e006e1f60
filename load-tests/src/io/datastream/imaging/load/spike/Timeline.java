package io.datastream.imaging.load.spike;

import io.datastream.imaging.load.ledger.Upload;
import io.datastream.imaging.load.report.Percentiles;
import io.datastream.imaging.load.report.Series;
import io.datastream.imaging.load.report.Series.Point;
import io.datastream.imaging.load.spike.InvocationLog.Arrival;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A run's evidence second by second, from the first upload until the last record. */
final class Timeline {

    private final Findings.Evidence evidence;
    private final Instant begin;
    private final Instant end;

    Timeline(Findings.Evidence evidence) {
        this.evidence = evidence;
        this.begin = evidence.uploads().stream()
                .map(Upload::started)
                .min(Instant::compareTo)
                .orElseGet(Instant::now);
        // Afterwards only poison files wait for the DLQ, and then nothing happens until the queue counts as empty.
        this.end = Stream.of(
                        evidence.uploads().stream().map(Upload::acknowledged),
                        evidence.arrivals().stream().map(Arrival::written))
                .flatMap(Function.identity())
                .max(Instant::compareTo)
                .orElse(begin)
                .plusSeconds(1);
    }

    /** From the first upload until a second after the last record. */
    double seconds() {
        return second(end);
    }

    Series uploadsPerSecond() {
        return perSecond("uploads/s", evidence.uploads().stream().map(Upload::acknowledged));
    }

    Series recordsPerSecond() {
        return perSecond("records/s", evidence.arrivals().stream().map(Arrival::written));
    }

    private Series perSecond(String name, Stream<Instant> times) {
        Map<Long, Long> counts =
                times.collect(Collectors.groupingBy(time -> (long) Math.floor(second(time)), Collectors.counting()));
        List<Point> points = new ArrayList<>();
        for (long second = 0; second < seconds(); second++) {
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

    /** Upload to record, by the second of the upload. */
    List<Series> latencies() {
        return percentiles(evidence.arrivals(), Arrival::stored, Arrival::written);
    }

    /** S3's responses, by the second of the request. */
    List<Series> putLatencies() {
        return percentiles(evidence.uploads(), Upload::started, Upload::acknowledged);
    }

    private <T> List<Series> percentiles(
            Collection<T> events, Function<T, Instant> start, Function<T, Instant> finish) {
        Map<Long, Percentiles> bySecond = new TreeMap<>();
        events.stream()
                .collect(Collectors.groupingBy(event -> Math.max(0, (long) Math.floor(second(start.apply(event))))))
                .forEach((second, some) -> bySecond.put(
                        second,
                        Percentiles.of(some.stream()
                                .map(event -> Duration.between(start.apply(event), finish.apply(event))))));
        Map<String, ToLongFunction<Percentiles>> lines = new LinkedHashMap<>();
        lines.put("p50", Percentiles::p50);
        lines.put("p95", Percentiles::p95);
        lines.put("p99", Percentiles::p99);
        lines.put("longest", Percentiles::max);
        return lines.entrySet().stream()
                .map(line -> new Series(
                        line.getKey(),
                        bySecond.entrySet().stream()
                                .map(second -> new Point(
                                        second.getKey(), line.getValue().applyAsLong(second.getValue()) / 1e3))
                                .toList()))
                .toList();
    }

    private Stream<Monitor.Sample> looks() {
        return evidence.samples().stream()
                .filter(sample ->
                        !sample.time().isBefore(begin) && !sample.time().isAfter(end));
    }

    private double second(Instant time) {
        return Duration.between(begin, time).toMillis() / 1e3;
    }
}
