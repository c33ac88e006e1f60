package io.datastream.imaging.load.spike;

import io.datastream.imaging.load.Options;
import io.datastream.imaging.load.ledger.Ledger.Refused;
import io.datastream.imaging.load.ledger.Upload;
import io.datastream.imaging.load.ledger.Verdict;
import io.datastream.imaging.load.ledger.Verdict.Kind;
import io.datastream.imaging.load.report.Machine;
import io.datastream.imaging.load.report.Percentiles;
import io.datastream.imaging.load.spike.InvocationLog.Arrival;
import io.datastream.imaging.load.spike.InvocationLog.Passage;
import io.datastream.imaging.local.Fault;
import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.local.lambda.ObservedEnvironment.Invocation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * All that a run showed.
 *
 * @param begun when the first upload was sent, or nearly
 * @param target the pipeline that was loaded
 * @param putErrors how many uploads S3 did not acknowledge, by status code
 * @param settled whether the queue was empty before patience ended
 * @param latencies milliseconds; the hops of a record only of the embedded cloud
 * @param secondsFromLastUploadToLastRecord how long the pipeline was behind
 * @param embedded what only the embedded cloud shows
 */
record Findings(
        SpikeSettings settings,
        Instant begun,
        String target,
        Machine machine,
        Verdict verdict,
        Map<String, Long> putErrors,
        boolean settled,
        Map<String, Percentiles> latencies,
        double secondsFromLastUploadToLastRecord,
        Optional<Embedded> embedded,
        Evidence evidence) {

    /** The uploader's side: the name among the latencies. */
    static final String PUT = "S3 PUT";

    /** The whole way of a record: the name among the latencies. */
    static final String UPLOAD_TO_RECORD = "upload to record";

    /**
     * What a deployed stack shows in CloudWatch only.
     *
     * @param peakRunning the most functions that ever ran at once
     * @param functionSeconds how long the function ran in all
     * @param templateDefaults of the template's parameters that the load test sets
     */
    record Embedded(
            int peakRunning,
            long invocations,
            long functionErrors,
            double functionSeconds,
            long batchWriteCalls,
            Map<String, Long> trouble,
            Map<String, String> templateDefaults) {

        static Embedded of(
                LocalCloud cloud, Chaos chaos, List<Invocation> invocations, Map<String, String> templateDefaults) {
            Map<String, Long> trouble = new LinkedHashMap<>();
            trouble.put("throttled calls", cloud.dynamoDbFaults().injected(Fault.THROTTLED));
            trouble.put("calls with unprocessed items", cloud.dynamoDbFaults().injected(Fault.UNPROCESSED_ITEMS));
            trouble.put("lost answers", cloud.dynamoDbFaults().injected(Fault.ANSWER_LOST));
            trouble.put("late duplicates", (long) chaos.duplicates());
            trouble.put("test events", (long) chaos.testEvents());
            trouble.put("killed functions", (long) chaos.kills());
            return new Embedded(
                    cloud.function().peakRunning(),
                    cloud.function().invocations(),
                    cloud.function().errors(),
                    invocations.stream()
                                    .mapToLong(it -> Duration.between(it.started(), it.ended())
                                            .toMillis())
                                    .sum()
                            / 1e3,
                    cloud.dynamoDbFaults().calls("BatchWriteItem"),
                    trouble,
                    templateDefaults);
        }
    }

    /**
     * What the numbers were made from, for plots.
     *
     * @param passages empty on a deployed stack
     * @param arrivals of each passage; on a deployed stack, of a sample
     */
    record Evidence(
            List<Upload> uploads,
            Collection<Passage> passages,
            Collection<Arrival> arrivals,
            List<Monitor.Sample> samples) {}

    static Findings of(
            SpikeSettings settings,
            Instant begun,
            String target,
            Verdict verdict,
            List<Refused> refused,
            boolean settled,
            Evidence evidence,
            Optional<Embedded> embedded) {
        return new Findings(
                settings,
                begun,
                target,
                Machine.here(),
                verdict,
                refused.stream().collect(Collectors.groupingBy(Refused::error, TreeMap::new, Collectors.counting())),
                settled,
                latencies(evidence),
                behind(evidence),
                embedded,
                evidence);
    }

    private static Map<String, Percentiles> latencies(Evidence evidence) {
        Map<String, Percentiles> latencies = new LinkedHashMap<>();
        if (!evidence.uploads().isEmpty()) {
            latencies.put(PUT, between(evidence.uploads(), Upload::started, Upload::acknowledged));
        }
        Collection<Passage> passages = evidence.passages();
        if (!passages.isEmpty()) {
            latencies.put("S3 event → topic", between(passages, Passage::stored, Passage::published));
            latencies.put("topic → queue", between(passages, Passage::published, Passage::queued));
            latencies.put("in the queue, until first received", between(passages, Passage::queued, Passage::received));
            latencies.put(
                    "received → invoked (window, retries)", between(passages, Passage::received, Passage::invoked));
            latencies.put("invoked → record in the table", between(passages, Passage::invoked, Passage::written));
        }
        if (!evidence.arrivals().isEmpty()) {
            latencies.put(UPLOAD_TO_RECORD, between(evidence.arrivals(), Arrival::stored, Arrival::written));
        }
        return latencies;
    }

    private static <T> Percentiles between(Collection<T> events, Function<T, Instant> from, Function<T, Instant> to) {
        return Percentiles.of(events.stream().map(event -> Duration.between(from.apply(event), to.apply(event))));
    }

    private static double behind(Evidence evidence) {
        Optional<Instant> lastUpload =
                evidence.uploads().stream().map(Upload::acknowledged).max(Comparator.naturalOrder());
        Optional<Instant> lastRecord =
                evidence.arrivals().stream().map(Arrival::written).max(Comparator.naturalOrder());
        return lastUpload.isEmpty() || lastRecord.isEmpty()
                ? 0
                : Math.max(
                        0, Duration.between(lastUpload.get(), lastRecord.get()).toMillis() / 1e3);
    }

    boolean passed() {
        return checks().stream().noneMatch(check -> check.result() == Check.Result.FAILED);
    }

    /** Everything that the run is judged by, with what was measured. */
    List<Check> checks() {
        List<Check> checks = new ArrayList<>();
        long errors = putErrors.values().stream().mapToLong(Long::longValue).sum();
        checks.add(Check.of(
                "uploads that S3 did not acknowledge",
                "%,d of %,d%s".formatted(errors, errors + verdict.uploaded(), errors == 0 ? "" : " " + putErrors),
                "%d (-DmaximumPutErrors)".formatted(settings.thresholds().putErrors()),
                verdict.uploaded() > 0 && errors <= settings.thresholds().putErrors()));
        checks.add(Check.of("queue empty at the end", settled ? "yes" : "no", "yes", settled));
        checks.add(none(Kind.LOST, "lost uploads", "promise 1"));
        checks.add(none(Kind.STALE, "stale keys", "promise 3"));
        checks.add(none(Kind.WRONG, "wrong records", "promise 3"));
        if (verdict.poison() > 0) {
            checks.add(Check.of(
                    "poison files in the DLQ",
                    "%,d of %,d".formatted(verdict.deadLettered(), verdict.poison()),
                    "all",
                    verdict.deadLettered() == verdict.poison()));
        }
        checks.add(none(Kind.WRONGLY_IN_DLQ, "other messages in the DLQ", "promise 2"));
        embedded.ifPresent(it -> checks.add(Check.of(
                "functions at once",
                String.valueOf(it.peakRunning()),
                "%d (the load test's MaximumConcurrency; the template's is %s)"
                        .formatted(
                                settings.maximumConcurrency(),
                                it.templateDefaults().get("MaximumConcurrency")),
                it.peakRunning() <= settings.maximumConcurrency())));
        Thresholds thresholds = settings.thresholds();
        thresholds.p50().ifPresent(it -> checks.add(latency(UPLOAD_TO_RECORD, "p50", Percentiles::p50, it)));
        thresholds.p95().ifPresent(it -> checks.add(latency(UPLOAD_TO_RECORD, "p95", Percentiles::p95, it)));
        thresholds
                .p99()
                .ifPresentOrElse(
                        it -> checks.add(latency(UPLOAD_TO_RECORD, "p99", Percentiles::p99, it)),
                        () -> checks.add(new Check(
                                UPLOAD_TO_RECORD + ", p99",
                                measured(UPLOAD_TO_RECORD, Percentiles::p99)
                                        .map(Findings::time)
                                        .orElse("not measured"),
                                "not applied: a %s%s may go above the pipeline's limits; -DmaximumP99=60s applies one"
                                        .formatted(
                                                Options.label(settings.shape()),
                                                settings.chaos().isEmpty() ? "" : " with trouble"),
                                Check.Result.NOT_APPLIED)));
        thresholds.putP99().ifPresent(it -> checks.add(latency(PUT, "p99", Percentiles::p99, it)));
        return checks;
    }

    private Check none(Kind kind, String name, String who) {
        return Check.of(name, "%,d".formatted(verdict.count(kind)), "0 (%s)".formatted(who), verdict.count(kind) == 0);
    }

    private Check latency(String name, String percentile, ToLongFunction<Percentiles> value, Duration maximum) {
        Optional<Long> measured = measured(name, value);
        return Check.of(
                name + ", " + percentile,
                measured.map(Findings::time).orElse("not measured"),
                time(maximum.toMillis()) + (maximum.equals(Thresholds.PROMISED_P99) ? " (promise 6)" : " (given)"),
                measured.isPresent() && measured.get() <= maximum.toMillis());
    }

    private Optional<Long> measured(String name, ToLongFunction<Percentiles> value) {
        return Optional.ofNullable(latencies.get(name)).map(value::applyAsLong);
    }

    /** Milliseconds, as a person reads them. */
    static String time(long milliseconds) {
        return milliseconds < 1_000 ? milliseconds + " ms" : String.format(Locale.ROOT, "%,.1f s", milliseconds / 1e3);
    }

    /** What held the records back, as far as one can see it: the hop that took most of half the records' time. */
    String limitedBy() {
        if (evidence.passages().isEmpty()) {
            return "see the stack's dashboard";
        }
        Map.Entry<String, Percentiles> slowest = latencies.entrySet().stream()
                .filter(hop ->
                        !hop.getKey().equals(UPLOAD_TO_RECORD) && !hop.getKey().equals(PUT))
                .max(Comparator.comparing(hop -> hop.getValue().p50()))
                .orElseThrow();
        String functions = atLimit()
                ? "; while messages waited, as many functions as allowed were at work"
                : "; while messages waited, functions were free";
        return "most of the time went by in the hop \"" + slowest.getKey() + "\"" + functions;
    }

    private boolean atLimit() {
        List<Monitor.Sample> behind = evidence.samples().stream()
                .filter(sample -> sample.queue().waiting() > 0)
                .toList();
        long busy = behind.stream()
                .filter(sample -> sample.running() >= Math.min(settings.maximumConcurrency(), settings.environments()))
                .count();
        return busy * 2 > behind.size();
    }
}
