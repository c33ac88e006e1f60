package io.datastream.imaging.load.spike;

import io.datastream.imaging.load.report.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A former run, to compare with.
 *
 * @param summary its summary.json
 */
record FormerRun(Path file, JsonNode summary) {

    /** @throws IllegalArgumentException unless it is a summary */
    static FormerRun read(Path file) {
        try {
            JsonNode summary = JsonMapper.shared().readTree(Files.readString(file));
            if (summary.path("load").isObject()) {
                return new FormerRun(file, summary);
            }
        } catch (IOException | JacksonException unreadable) {
            // The same advice as for another JSON file.
        }
        throw new IllegalArgumentException("-Dcompare=" + file
                + ": give the summary.json of a former run, for example load-tests/results/steady.json");
    }

    /** What was measured in both runs. */
    Table comparedWith(JsonNode now) {
        List<List<String>> rows = new ArrayList<>();
        Map<String, Double> before = measured(summary);
        measured(now).forEach((name, value) -> {
            Double former = before.get(name);
            if (former != null) {
                String change = former == 0 ? "" : String.format(Locale.ROOT, "%+.0f %%", 100 * (value / former - 1));
                rows.add(List.of(name, number(former), number(value), change));
            }
        });
        return new Table(List.of("", "former run", "this run", "change"), rows);
    }

    /** In what the runs differ besides the result: with another load or machine, the numbers say little. */
    List<String> differencesTo(JsonNode now) {
        List<String> differences = new ArrayList<>();
        for (String part : List.of("load", "machine")) {
            TreeSet<String> names = new TreeSet<>(summary.path(part).propertyNames());
            names.addAll(now.path(part).propertyNames());
            for (String name : names) {
                String former = summary.path(part).path(name).asString("absent");
                String current = now.path(part).path(name).asString("absent");
                if (!former.equals(current)) {
                    differences.add("%s %s (now %s)".formatted(name, former, current));
                }
            }
        }
        return differences;
    }

    private static Map<String, Double> measured(JsonNode summary) {
        Map<String, Double> measured = new LinkedHashMap<>();
        summary.path("milliseconds").properties().forEach(latency -> {
            for (String percentile : List.of("p50", "p95", "p99", "max")) {
                add(
                        measured,
                        latency.getKey() + ", " + percentile + ", ms",
                        latency.getValue().path(percentile));
            }
        });
        add(measured, "last upload to last record, s", summary.path("secondsFromLastUploadToLastRecord"));
        add(measured, "BatchWriteItem calls", summary.at("/embedded/batchWriteCalls"));
        add(measured, "invocations", summary.at("/embedded/invocations"));
        add(measured, "function time, s", summary.at("/embedded/functionSeconds"));
        add(measured, "US dollars a million uploads", summary.path("dollarsPerMillionUploads"));
        return measured;
    }

    private static void add(Map<String, Double> measured, String name, JsonNode value) {
        if (value.isNumber()) {
            measured.put(name, value.asDouble());
        }
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value == Math.rint(value) ? "%,.0f" : "%,.2f", value);
    }
}
