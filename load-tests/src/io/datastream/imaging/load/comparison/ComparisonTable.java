package io.datastream.imaging.load.comparison;

import io.datastream.imaging.load.report.Percentiles;
import io.datastream.imaging.load.report.Usage;
import java.util.List;
import java.util.Locale;

/** The scenarios as tables in Markdown. */
record ComparisonTable(List<Way> ways, List<Scenario> scenarios) {

    String markdown() {
        StringBuilder text = new StringBuilder();
        for (Scenario scenario : scenarios) {
            text.append("**%s** (%,d uploads)%n%n"
                    .formatted(scenario.name(), scenario.uploads().size()));
            text.append(
                    """
                    | way | lost | late by over 8 minutes | p50 s | p99 s | longest s | DynamoDB calls | invocations | function seconds |
                    |---|---|---|---|---|---|---|---|---|
                    """);
            ways.forEach(way -> text.append(row(scenario, way)));
            text.append('\n');
        }
        text.append("| way | US dollars a million uploads (a month, a bucket of a million) |\n|---|---|\n");
        for (Way way : ways) {
            text.append("| %s | %.2f |%n".formatted(way.name(), dollars(way)));
        }
        return text.toString();
    }

    private static String row(Scenario scenario, Way way) {
        Percentiles latency = scenario.latency(way);
        Scenario.Use use = scenario.uses().get(way);
        return String.format(
                Locale.ROOT,
                "| %s | %,d | %,d | %s | %s | %s | %,d | %,d | %.1f |%n",
                way.name(),
                scenario.lost(way),
                scenario.pending().get(way),
                seconds(latency, latency.p50()),
                seconds(latency, latency.p99()),
                seconds(latency, latency.max()),
                use.dynamoDbCalls(),
                use.invocations(),
                use.functionSeconds());
    }

    private static String seconds(Percentiles latency, long milliseconds) {
        return latency.count() == 0 ? "none" : String.format(Locale.ROOT, "%.1f", milliseconds / 1e3);
    }

    /** From the spike's ratios. */
    private double dollars(Way way) {
        Scenario spike = scenarios.getLast();
        Usage usage = way.monthOfAMillion(spike.uploads().size(), spike.uses().get(way));
        return usage.dollarsPerMillionUploads();
    }
}
