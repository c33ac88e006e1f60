package io.datastream.imaging.load.comparison;

import io.datastream.imaging.load.report.Percentiles;
import io.datastream.imaging.load.report.Usage;
import java.util.List;
import java.util.Locale;

/** The scenarios as tables in Markdown. */
record ComparisonTable(List<Variant> variants, List<Scenario> scenarios) {

    String markdown() {
        StringBuilder text = new StringBuilder();
        for (Scenario scenario : scenarios) {
            text.append("**%s** (%,d uploads)%n%n"
                    .formatted(scenario.name(), scenario.uploads().size()));
            text.append(
                    """
                    | variant | lost | late by over 8 minutes | p50 s | p99 s | longest s | DynamoDB calls | invocations | function seconds |
                    |---|---|---|---|---|---|---|---|---|
                    """);
            variants.forEach(variant -> text.append(row(scenario, variant)));
            text.append('\n');
        }
        text.append("| variant | US dollars a million uploads (a month, a bucket of a million) |\n|---|---|\n");
        for (Variant variant : variants) {
            text.append("| %s | %.2f |%n".formatted(variant.name(), dollars(variant)));
        }
        return text.toString();
    }

    private static String row(Scenario scenario, Variant variant) {
        Percentiles latency = scenario.latency(variant);
        Scenario.Use use = scenario.uses().get(variant);
        return String.format(
                Locale.ROOT,
                "| %s | %,d | %,d | %s | %s | %s | %,d | %,d | %.1f |%n",
                variant.name(),
                scenario.lost(variant),
                scenario.pending().get(variant),
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
    private double dollars(Variant variant) {
        Scenario spike = scenarios.getLast();
        Usage usage =
                variant.monthOfAMillion(spike.uploads().size(), spike.uses().get(variant));
        return usage.dollarsPerMillionUploads();
    }
}
