package io.datastream.imaging.load.spike;

import io.datastream.imaging.load.Options;
import io.datastream.imaging.load.ledger.Verdict;
import io.datastream.imaging.load.ledger.Verdict.Kind;
import io.datastream.imaging.load.report.JUnitXml;
import io.datastream.imaging.load.report.LineChart;
import io.datastream.imaging.load.report.Page;
import io.datastream.imaging.load.report.Page.Tile;
import io.datastream.imaging.load.report.Percentiles;
import io.datastream.imaging.load.report.Series;
import io.datastream.imaging.load.report.Series.Point;
import io.datastream.imaging.load.report.Table;
import io.datastream.imaging.load.report.Usage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * A run's findings: as a page and in the terminal for people, as JSON for a comparison, as JUnit's XML for CI, and as CSV
 * (the charts' data, and the uploads with a problem).
 */
record SpikeReport(Findings findings) {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private static final String PAGE = "index.html";
    private static final String SUMMARY = "summary.json";
    private static final String JUNIT = "junit.xml";
    private static final String TIMELINE = "timeline.csv";
    private static final String PROBLEMS = "problems.csv";

    /** SQS takes and deletes ten messages a request; SNS sends them one by one. */
    private static final double QUEUE_REQUESTS_PER_MESSAGE = 1 + 0.1 + 0.1;

    /** The table's and the index's, for an item under a kilobyte. */
    private static final int WRITE_UNITS_PER_RECORD = 2;

    private static final String GLOSSARY =
            "Lost: an upload without a record. Stale: a key whose newest record is not that of its newest upload. Wrong: a"
                    + " record that differs from its upload, or has none. Poison file: a file without a patient ID, which"
                    + " must end in the dead-letter queue (DLQ). p50, p95, p99: so many of 100 took no longer.";

    private static final String LATENCIES =
            "Latencies come from the timestamps that each message carries (S3's event time,"
                    + " SNS's timestamp, SQS's sent and first-receive timestamps) and from the begin and end of the invocation that"
                    + " wrote the record: a record was in the table by then.";

    private static final String SAMPLED_LATENCIES =
            "Upload to record was measured from outside: the table was read four times a second for at most 1,000 of the"
                    + " uploads, from S3's response to a PUT until the record was there. The hops between, functions and DynamoDB calls"
                    + " are on the stack's dashboard.";

    private static Path folder(SpikeSettings settings) {
        return Path.of("target/load-tests", settings.name());
    }

    /** Deletes the former report. Otherwise it would look like that of a run that was interrupted. */
    static void deleteFormer(SpikeSettings settings) {
        try {
            for (String file : List.of(PAGE, SUMMARY, JUNIT, TIMELINE, PROBLEMS)) {
                Files.deleteIfExists(folder(settings).resolve(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes all files and returns the page. */
    Path write() {
        Path folder = folder(findings.settings());
        List<LineChart> charts = charts();
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve(PAGE), page(charts).html());
            Files.writeString(folder.resolve(SUMMARY), JSON.writeValueAsString(summary()));
            Files.writeString(folder.resolve(JUNIT), junit().text());
            Files.writeString(folder.resolve(TIMELINE), csv(charts));
            if (!findings.verdict().problems().isEmpty()) {
                Files.writeString(folder.resolve(PROBLEMS), problems());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return folder.resolve(PAGE);
    }

    /** What the terminal shows. */
    String text() {
        StringBuilder text = new StringBuilder();
        text.append("\n%s\n%s\n\n".formatted(title(), occasion()));
        text.append(checks().text()).append('\n');
        text.append(latencies().text()).append('\n');
        findings.settings().former().ifPresent(former -> text.append(
                        comparison(former).text())
                .append(differences(former))
                .append("\n\n"));
        text.append(GLOSSARY.replace(". ", ".\n")).append("\n\n");
        if (!findings.verdict().problems().isEmpty()) {
            text.append("Each lost, stale, wrong or misplaced upload: ")
                    .append(folder(findings.settings()).resolve(PROBLEMS))
                    .append('\n');
        }
        return text.append(headline()).append('\n').toString();
    }

    JsonNode summary() {
        Map<String, Object> summary = new LinkedHashMap<>();
        summary.put("passed", findings.passed());
        summary.put("begun", findings.begun().toString());
        summary.put("target", findings.target());
        summary.put("load", findings.settings().load());
        summary.put("machine", findings.machine());
        summary.put(
                "checks",
                findings.checks().stream()
                        .map(check -> Map.of(
                                "name", check.name(),
                                "measured", check.measured(),
                                "limit", check.limit(),
                                "result", check.result().name()))
                        .toList());
        Verdict verdict = findings.verdict();
        Map<String, Object> uploads = new LinkedHashMap<>();
        uploads.put("acknowledged", verdict.uploaded());
        uploads.put("putErrors", findings.putErrors());
        uploads.put("recorded", verdict.recorded());
        uploads.put("poison", verdict.poison());
        uploads.put("poisonInDlq", verdict.deadLettered());
        for (Kind kind : Kind.values()) {
            uploads.put(kind.toString(), verdict.count(kind));
        }
        summary.put("uploads", uploads);
        summary.put("milliseconds", findings.latencies());
        summary.put("secondsFromLastUploadToLastRecord", findings.secondsFromLastUploadToLastRecord());
        summary.put("limitedBy", findings.limitedBy());
        findings.embedded().ifPresent(embedded -> {
            summary.put("embedded", embedded);
            summary.put("dollarsPerMillionUploads", dollarsPerMillionUploads(embedded));
        });
        return JSON.valueToTree(summary);
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

    JUnitXml junit() {
        String name = "load test " + findings.settings().name();
        return JUnitXml.of(
                name,
                findings.begun(),
                findings.checks().stream()
                        .map(check -> {
                            JUnitXml.Message message =
                                    new JUnitXml.Message(check.measured() + "; limit " + check.limit());
                            return new JUnitXml.TestCase(
                                    check.name(),
                                    name,
                                    check.result() == Check.Result.FAILED ? message : null,
                                    check.result() == Check.Result.NOT_APPLIED ? message : null);
                        })
                        .toList());
    }

    /** A row for each point of each chart's lines. */
    private static String csv(List<LineChart> charts) {
        return charts.stream()
                .flatMap(chart -> chart.series().stream().flatMap(line -> line.points().stream()
                        .map(point -> String.format(
                                Locale.ROOT,
                                "\"%s\",\"%s\",%.3f,%.3f\n",
                                chart.title(),
                                line.name(),
                                point.second(),
                                point.value()))))
                .collect(Collectors.joining("", "chart,line,second,value\n", ""));
    }

    /** Made-up names, of this run only. */
    private String problems() {
        return findings.verdict().problems().stream()
                .map(problem -> "%s,\"%s\",%s\n".formatted(problem.kind(), problem.objectKey(), problem.uploadId()))
                .collect(Collectors.joining("", "problem,objectKey,uploadId\n", ""));
    }

    private String title() {
        SpikeSettings settings = findings.settings();
        return "Imaging ingest under load: %s, %s uploads in %d s%s"
                .formatted(
                        Options.label(settings.shape()),
                        number(settings.uploads()),
                        settings.duration().toSeconds(),
                        settings.chaos().isEmpty() ? "" : ", with trouble");
    }

    private String occasion() {
        return "%s · %s · %s"
                .formatted(
                        findings.begun()
                                .truncatedTo(ChronoUnit.SECONDS)
                                .toString()
                                .replace('T', ' ')
                                .replace("Z", " UTC"),
                        findings.target(),
                        findings.machine().text());
    }

    private Page page(List<LineChart> charts) {
        Page page = new Page(title())
                .paragraph(occasion())
                .verdict(findings.passed(), headline())
                .tiles(tiles())
                .table(checks())
                .paragraph(GLOSSARY)
                .paragraph("What limited the pipeline: " + findings.limitedBy() + ".");
        if (!findings.verdict().problems().isEmpty()) {
            page.heading("Uploads with a problem")
                    .paragraph("The first ten; all are in " + PROBLEMS + ".")
                    .table(new Table(
                            List.of("problem", "object key (made up)", "upload ID"),
                            findings.verdict().problems().stream()
                                    .limit(10)
                                    .map(problem ->
                                            List.of(problem.kind().toString(), problem.objectKey(), problem.uploadId()))
                                    .toList()));
        }
        page.heading("How long it took").table(latencies());
        findings.settings().former().ifPresent(former -> page.heading("Compared with the run of "
                        + former.summary().path("begun").asString())
                .paragraph(differences(former))
                .table(comparison(former)));
        page.heading("Over time").charts(charts);
        if (!findings.settings().chaos().isEmpty()) {
            findings.embedded().ifPresent(embedded -> page.heading("What went wrong on purpose")
                    .table(new Table(
                            List.of("trouble", "times"),
                            embedded.trouble().entrySet().stream()
                                    .map(trouble -> List.of(trouble.getKey(), number(trouble.getValue())))
                                    .toList())));
        }
        return page.heading("Options")
                .table(options())
                .heading("How it was measured")
                .paragraph(
                        "Files, patients and names are made up. Lost, stale and wrong come from comparing every upload"
                                + " with the whole table. "
                                + (findings.embedded().isPresent() ? LATENCIES : SAMPLED_LATENCIES));
    }

    private String headline() {
        String failed = findings.checks().stream()
                .filter(check -> check.result() == Check.Result.FAILED)
                .map(Check::name)
                .collect(Collectors.joining("; "));
        return failed.isEmpty()
                ? "Passed: %s of %s uploads are recorded"
                        .formatted(
                                number(findings.verdict().recorded()),
                                number(findings.verdict().uploaded()
                                        - findings.verdict().poison()))
                : "Failed: " + failed;
    }

    private List<Tile> tiles() {
        List<Tile> tiles = new ArrayList<>();
        tiles.add(new Tile(number(findings.verdict().recorded()), "recorded"));
        tiles.add(new Tile(number(findings.verdict().count(Kind.LOST)), "lost"));
        Percentiles all = findings.latencies().get(Findings.UPLOAD_TO_RECORD);
        if (all != null) {
            tiles.add(new Tile(Findings.time(all.p50()), "upload to record, p50"));
            tiles.add(new Tile(Findings.time(all.p95()), "upload to record, p95"));
            tiles.add(new Tile(Findings.time(all.p99()), "upload to record, p99"));
        }
        tiles.add(new Tile(
                "%.1f s".formatted(findings.secondsFromLastUploadToLastRecord()),
                "from the last upload to the last record"));
        findings.embedded()
                .ifPresent(embedded -> tiles.add(new Tile(
                        "$%.2f".formatted(dollarsPerMillionUploads(embedded)), "a million uploads, at list prices")));
        return tiles;
    }

    private Table checks() {
        return new Table(
                List.of("result", "check", "measured", "limit"),
                findings.checks().stream()
                        .map(check -> List.of(check.result().toString(), check.name(), check.measured(), check.limit()))
                        .toList());
    }

    private Table latencies() {
        return new Table(
                List.of("milliseconds", "count", "p50", "p95", "p99", "longest"),
                findings.latencies().entrySet().stream()
                        .map(latency -> Stream.concat(
                                        Stream.of(latency.getKey()),
                                        Stream.of(
                                                        latency.getValue().count(),
                                                        latency.getValue().p50(),
                                                        latency.getValue().p95(),
                                                        latency.getValue().p99(),
                                                        latency.getValue().max())
                                                .map(SpikeReport::number))
                                .toList())
                        .toList());
    }

    private Table comparison(FormerRun former) {
        return former.comparedWith(summary());
    }

    private String differences(FormerRun former) {
        List<String> differences = former.differencesTo(summary());
        return differences.isEmpty()
                ? "Same load, machine and commit as in the former run."
                : "The former run had: " + String.join("; ", differences) + ".";
    }

    /** Each option, and each parameter of the template, with who set it. */
    private Table options() {
        List<List<String>> rows = new ArrayList<>();
        Options given = Options.given();
        findings.settings()
                .load()
                .forEach((name, value) -> rows.add(List.of(
                        "-D" + name,
                        value.toString(),
                        given.text(name).isPresent() ? "command line" : "default of the load test")));
        findings.embedded().ifPresent(embedded -> embedded.templateDefaults()
                .forEach((name, ifAbsent) -> rows.add(List.of(
                        "template parameter " + name,
                        findings.settings().templateParameters().getOrDefault(name, ifAbsent),
                        findings.settings().templateParameters().containsKey(name)
                                ? "the load test; the template's default is " + ifAbsent
                                : "the template"))));
        return new Table(List.of("option", "value", "set by"), rows);
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
                "Upload to record, seconds, by the time of the upload",
                "How late the records of each second's uploads were.",
                timeline.seconds(),
                timeline.latencies()));
        charts.add(new LineChart(
                "Messages in the queue",
                "Waiting: not yet received. In flight: with a function, or hidden until its visibility timeout ends.",
                timeline.seconds(),
                List.of(
                        timeline.sampled("waiting", sample -> sample.queue().waiting()),
                        timeline.sampled("in flight", sample -> sample.queue().inFlight()))));
        charts.add(new LineChart(
                "S3 PUT, seconds, by the time of the request",
                "As the uploader sees it.",
                timeline.seconds(),
                timeline.putLatencies()));
        if (findings.embedded().isPresent()) {
            charts.add(new LineChart(
                    "Age of the oldest message, seconds",
                    "How far the slowest message was behind.",
                    timeline.seconds(),
                    List.of(timeline.ageOfOldestMessage())));
            charts.add(runningFunctions(timeline, findings.settings().maximumConcurrency()));
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
                "The limit is MaximumConcurrency; functions that still start are counted.",
                timeline.seconds(),
                List.of(running, limits));
    }

    private static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
