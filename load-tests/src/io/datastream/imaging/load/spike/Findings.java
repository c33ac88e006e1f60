package io.datastream.imaging.load.spike;

import io.datastream.imaging.load.ledger.Ledger;
import io.datastream.imaging.load.ledger.Upload;
import io.datastream.imaging.load.ledger.Verdict;
import io.datastream.imaging.load.report.Machine;
import io.datastream.imaging.load.report.Percentiles;
import io.datastream.imaging.load.spike.InvocationLog.Passage;
import io.datastream.imaging.local.Fault;
import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.local.lambda.ObservedEnvironment.Invocation;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * All that a run showed.
 *
 * @param settled whether the queue was empty before patience ended
 * @param hops milliseconds from one timestamp to the next; empty on a deployed stack, whose envelopes are not seen here
 * @param secondsFromLastUploadToLastRecord how long the pipeline was behind; on a deployed stack, until its queue was
 *     empty
 * @param embedded what only the embedded cloud shows
 */
record Findings(
        SpikeSettings settings,
        Machine machine,
        Verdict verdict,
        boolean settled,
        Map<String, Percentiles> hops,
        double secondsFromLastUploadToLastRecord,
        Optional<Embedded> embedded,
        Evidence evidence) {

    /** The whole way of a record: the name among the hops. */
    static final String UPLOAD_TO_RECORD = "S3 event → record (all)";

    /**
     * What a deployed stack shows in CloudWatch only.
     *
     * @param peakRunning the most functions that ever ran at once
     * @param limit the template's maximum concurrency
     * @param functionSeconds how long the function ran in all
     */
    record Embedded(
            int peakRunning,
            int limit,
            long invocations,
            long functionErrors,
            double functionSeconds,
            long batchWriteCalls,
            Map<String, Long> trouble) {

        static Embedded of(LocalCloud cloud, SpikeSettings settings, Chaos chaos, List<Invocation> invocations) {
            Map<String, Long> trouble = new LinkedHashMap<>();
            trouble.put("throttled calls", cloud.dynamoDbFaults().injected(Fault.THROTTLED));
            trouble.put("calls with unprocessed items", cloud.dynamoDbFaults().injected(Fault.UNPROCESSED_ITEMS));
            trouble.put("lost answers", cloud.dynamoDbFaults().injected(Fault.ANSWER_LOST));
            trouble.put("late duplicates", (long) chaos.duplicates());
            trouble.put("test events", (long) chaos.testEvents());
            trouble.put("killed functions", (long) chaos.kills());
            return new Embedded(
                    cloud.function().peakRunning(),
                    settings.maximumConcurrency(),
                    cloud.function().invocations(),
                    cloud.function().errors(),
                    invocations.stream()
                                    .mapToLong(it -> Duration.between(it.started(), it.ended())
                                            .toMillis())
                                    .sum()
                            / 1e3,
                    cloud.dynamoDbFaults().calls("BatchWriteItem"),
                    trouble);
        }
    }

    /** What the numbers were made from, for plots. */
    record Evidence(List<Upload> uploads, Collection<Passage> passages, List<Monitor.Sample> samples) {}

    static Findings of(
            SpikeSettings settings,
            Verdict verdict,
            boolean settled,
            Ledger ledger,
            Collection<Passage> passages,
            List<Monitor.Sample> samples,
            Optional<Embedded> embedded) {
        List<Upload> uploads = ledger.uploads().stream()
                .sorted(Comparator.comparing(Upload::acknowledged))
                .toList();
        return new Findings(
                settings,
                Machine.here(),
                verdict,
                settled,
                hops(passages),
                behind(uploads, passages, samples),
                embedded,
                new Evidence(uploads, passages, samples));
    }

    private static Map<String, Percentiles> hops(Collection<Passage> passages) {
        Map<String, Percentiles> hops = new LinkedHashMap<>();
        if (!passages.isEmpty()) {
            hops.put("S3 event → topic", hop(passages, Passage::stored, Passage::published));
            hops.put("topic → queue", hop(passages, Passage::published, Passage::queued));
            hops.put("in the queue, until first received", hop(passages, Passage::queued, Passage::received));
            hops.put("received → invoked (window, retries)", hop(passages, Passage::received, Passage::invoked));
            hops.put("invoked → record in the table", hop(passages, Passage::invoked, Passage::written));
            hops.put(UPLOAD_TO_RECORD, hop(passages, Passage::stored, Passage::written));
        }
        return hops;
    }

    private static Percentiles hop(
            Collection<Passage> passages, Function<Passage, Instant> from, Function<Passage, Instant> to) {
        return Percentiles.of(
                passages.stream().map(passage -> Duration.between(from.apply(passage), to.apply(passage))));
    }

    private static double behind(List<Upload> uploads, Collection<Passage> passages, List<Monitor.Sample> samples) {
        Stream<Instant> progress = passages.isEmpty()
                ? samples.stream().filter(sample -> !sample.queue().isEmpty()).map(Monitor.Sample::time)
                : passages.stream().map(Passage::written);
        Optional<Instant> last = progress.max(Comparator.naturalOrder());
        return last.isEmpty() || uploads.isEmpty()
                ? 0
                : Math.max(
                        0,
                        Duration.between(uploads.getLast().acknowledged(), last.get())
                                        .toMillis()
                                / 1e3);
    }

    /** No upload was lost, stale, wrong or wrongly dead-lettered, and the concurrency limit was kept. */
    boolean passed() {
        return settled
                && verdict.passed()
                && embedded.map(it -> it.peakRunning() <= it.limit()).orElse(true);
    }

    /** What held the records back, as far as one can see it: the hop that took most of half the records' time. */
    String limitedBy() {
        if (hops.isEmpty()) {
            return "see the stack's dashboard";
        }
        Map.Entry<String, Percentiles> slowest = hops.entrySet().stream()
                .filter(hop -> !hop.getKey().equals(UPLOAD_TO_RECORD))
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
                .filter(sample ->
                        embedded.map(it -> sample.running() >= it.limit()).orElse(false))
                .count();
        return busy * 2 > behind.size();
    }
}
