package io.datastream.imaging.load.spike;

import io.datastream.imaging.load.ledger.Verdict;
import io.datastream.imaging.load.report.LineChart;
import io.datastream.imaging.load.report.Page;
import io.datastream.imaging.load.report.Page.Tile;
import io.datastream.imaging.load.report.Percentiles;
import io.datastream.imaging.load.report.Series;
import io.datastream.imaging.load.report.Series.Point;
import io.datastream.imaging.load.report.Usage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** A run's findings as a page for people and as JSON for programs. */
record SpikeReport(Findings findings) {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** SQS takes and deletes ten messages a request; SNS sends them one by one. */
    private static final double QUEUE_REQUESTS_PER_MESSAGE = 1 + 0.1 + 0.1;

    /** The table's and the index's, for an item under a kilobyte. */
    private static final int WRITE_UNITS_PER_RECORD = 2;

    private static final String LATENCIES =
            "Latencies come from the timestamps that each message carries (S3's event time,"
                    + " SNS's timestamp, SQS's sent and first-receive timestamps) and from the begin and end of the invocation that"
                    + " wrote the record: a record was in the table by then.";

    private static final String UNSEEN_LATENCIES =
            "How late each record was is on the stack's dashboard (UploadToRecordMilliseconds).";

    /** Writes both files and returns their folder. */
    Path write() {
        SpikeSettings settings = findings.settings();
        String name = settings.pattern().name().toLowerCase(Locale.ROOT)
                + (settings.chaos().isEmpty() ? "" : "-chaos")
                + (settings.stackOutputs().isPresent() ? "-deployed" : "");
        Path folder = Path.of("target/load-tests", name);
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("index.html"), page().html());
            Files.writeString(folder.resolve("summary.json"), JSON.writeValueAsString(summary()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return folder;
    }

    Map<String, Object> summary() {
        Map<String, Object> summary = new LinkedHashMap<>();
        summary.put("passed", findings.passed());
        summary.put("settled", findings.settled());
        summary.put("verdict", findings.verdict());
        summary.put("hopsInMilliseconds", findings.hops());
        summary.put("secondsFromLastUploadToLastRecord", findings.secondsFromLastUploadToLastRecord());
        summary.put("limitedBy", findings.limitedBy());
        findings.embedded().ifPresent(embedded -> {
            summary.put("embedded", embedded);
            summary.put("dollarsPerMillionUploads", dollarsPerMillionUploads(embedded));
        });
        SpikeSettings settings = findings.settings();
        summary.put("pattern", settings.pattern());
        summary.put("uploads", settings.uploads());
        summary.put("seconds", settings.duration().toSeconds());
        summary.put("seed", settings.seed());
        summary.put("patients", settings.patients());
        summary.put("largestFile", settings.largestFile());
        summary.put("chaos", settings.chaos());
        summary.put("executionEnvironments", settings.executionEnvironments());
        summary.put("machine", findings.machine());
        return summary;
    }

    private double dollarsPerMillionUploads(Findings.Embedded embedded) {
        int uploads = findings.verdict().uploaded();
        return new Usage(
                        uploads,
                        uploads,
                        0,
                        uploads * QUEUE_REQUESTS_PER_MESSAGE,
                        0,
                        embedded.invocations(),
                        embedded.functionSeconds(),
                        (double) uploads * WRITE_UNITS_PER_RECORD,
                        0)
                .dollarsPerMillionUploads();
    }

    private Page page() {
        Verdict verdict = findings.verdict();
        SpikeSettings settings = findings.settings();
        Page page = new Page("Imaging ingest under load: "
                        + settings.pattern().name().toLowerCase(Locale.ROOT) + " of "
                        + number(settings.uploads()) + " uploads"
                        + (settings.chaos().isEmpty() ? "" : ", with trouble"))
                .verdict(findings.passed(), headline(verdict))
                .tiles(tiles(verdict))
                .paragraph("What limited the pipeline: " + findings.limitedBy() + ".");
        if (!findings.hops().isEmpty()) {
            page.heading("How late a record is, hop by hop")
                    .table(List.of("milliseconds", "p50", "p90", "p99", "longest"), hopRows());
        }
        page.heading("Over time").charts(charts());
        if (!settings.chaos().isEmpty()) {
            findings.embedded().ifPresent(embedded -> page.heading("What went wrong on purpose")
                    .table(List.of("trouble", "times"), troubleRows(embedded)));
        }
        return page.heading("How it was measured")
                .paragraph(
                        "Files, patients and names are made up. Lost, stale and wrong come from comparing every upload"
                                + " with the whole table. "
                                + (findings.hops().isEmpty() ? UNSEEN_LATENCIES : LATENCIES))
                .paragraph(findings.machine().text());
    }

    private static String headline(Verdict verdict) {
        return "%s uploads: %s recorded, %d lost, %d stale, %d wrong; dead-lettered %d of %d poison files and %d others"
                .formatted(
                        number(verdict.uploaded()),
                        number(verdict.recorded()),
                        verdict.lost(),
                        verdict.stale(),
                        verdict.wrong(),
                        verdict.deadLettered(),
                        verdict.poison(),
                        verdict.wronglyDeadLettered());
    }

    private List<Tile> tiles(Verdict verdict) {
        List<Tile> tiles = new ArrayList<>();
        tiles.add(new Tile(number(verdict.recorded()), "recorded"));
        tiles.add(new Tile(number(verdict.lost()), "lost"));
        Percentiles all = findings.hops().get(Findings.UPLOAD_TO_RECORD);
        if (all != null) {
            tiles.add(new Tile(seconds(all.p50()), "upload to record, half of all"));
            tiles.add(new Tile(seconds(all.p99()), "upload to record, 99 of 100"));
            tiles.add(new Tile(seconds(all.max()), "the latest record"));
        }
        if (findings.hops().isEmpty()) {
            tiles.add(new Tile(
                    "%.1f s".formatted(findings.secondsFromLastUploadToLastRecord()),
                    "from the last upload until the queue was empty"));
        }
        findings.embedded().ifPresent(embedded -> {
            tiles.add(new Tile(embedded.peakRunning() + " of " + embedded.limit(), "functions at once, of allowed"));
            tiles.add(new Tile(
                    "$%.2f".formatted(dollarsPerMillionUploads(embedded)), "a million uploads, at list prices"));
        });
        return tiles;
    }

    private List<List<String>> hopRows() {
        return findings.hops().entrySet().stream()
                .map(hop -> List.of(
                        hop.getKey(),
                        number(hop.getValue().p50()),
                        number(hop.getValue().p90()),
                        number(hop.getValue().p99()),
                        number(hop.getValue().max())))
                .toList();
    }

    private static List<List<String>> troubleRows(Findings.Embedded embedded) {
        return embedded.trouble().entrySet().stream()
                .map(trouble -> List.of(trouble.getKey(), number(trouble.getValue())))
                .toList();
    }

    private List<LineChart> charts() {
        Timeline timeline = new Timeline(findings.evidence());
        List<LineChart> charts = new ArrayList<>();
        charts.add(
                findings.embedded().isPresent()
                        ? new LineChart(
                                "Uploads and records, per second",
                                "The gap between the lines is the backlog that the queue takes.",
                                timeline.seconds(),
                                List.of(timeline.uploadsPerSecond(), timeline.recordsPerSecond()))
                        : new LineChart(
                                "Uploads, per second",
                                "What S3 took.",
                                timeline.seconds(),
                                List.of(timeline.uploadsPerSecond())));
        charts.add(new LineChart(
                "Messages in the queue",
                "Waiting: not yet received. In flight: with a function, or hidden until its visibility timeout ends.",
                timeline.seconds(),
                List.of(
                        timeline.sampled("waiting", sample -> sample.queue().waiting()),
                        timeline.sampled("in flight", sample -> sample.queue().inFlight()))));
        if (findings.embedded().isPresent()) {
            charts.add(new LineChart(
                    "Age of the oldest message, seconds",
                    "How far the slowest message was behind.",
                    timeline.seconds(),
                    List.of(timeline.ageOfOldestMessage())));
            charts.add(runningFunctions(timeline, findings.embedded().get().limit()));
            charts.add(new LineChart(
                    "Upload to record, seconds, by the time of the upload",
                    "How late the records of each second's uploads were.",
                    timeline.seconds(),
                    List.of(
                            timeline.latency("p50", Percentiles::p50),
                            timeline.latency("p99", Percentiles::p99),
                            timeline.latency("longest", Percentiles::max))));
            charts.add(new LineChart(
                    "DynamoDB calls, per second",
                    "BatchWriteItem calls of at most 25 records; throttled ones and those with unprocessed items.",
                    timeline.seconds(),
                    List.of(
                            timeline.rate("calls", Monitor.Sample::batchWriteCalls),
                            timeline.rate("throttled", Monitor.Sample::throttledCalls),
                            timeline.rate("unprocessed items", Monitor.Sample::partialCalls))));
        }
        return charts;
    }

    private static LineChart runningFunctions(Timeline timeline, int limit) {
        Series running = timeline.sampled("running", Monitor.Sample::running);
        Series limits = new Series(
                "limit",
                running.points().stream()
                        .map(point -> new Point(point.second(), limit))
                        .toList());
        return new LineChart(
                "Running functions",
                "The template's MaximumConcurrency is the limit; those that still start are counted.",
                timeline.seconds(),
                List.of(running, limits));
    }

    private static String seconds(long milliseconds) {
        return "%.1f s".formatted(milliseconds / 1e3);
    }

    private static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
