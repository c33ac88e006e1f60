package io.datastream.imaging.load.benchmark;

import io.datastream.imaging.load.benchmark.Billed.Row;
import io.datastream.imaging.load.benchmark.MeasuredFunction.Cost;
import io.datastream.imaging.load.report.Machine;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The tables of {@link Billed}: first dollars, then what they consist of. */
final class BilledReport {

    private static final int FEWEST_FOR_P99 = 100;

    private BilledReport() {}

    static String text(List<Row> rows, int delay, Machine machine) {
        StringBuilder text = new StringBuilder();
        text.append(machine.text())
                .append("\n\nDynamoDB answers over TLS after ")
                .append(delay)
                .append(" ms.\n\n");
        List<Row> limited = rows.stream().filter(Row::limited).toList();
        if (!limited.isEmpty()) {
            text.append("**Dollars of Lambda for a million uploads**, by memory\n\n")
                    .append(dollars(limited));
        }
        text.append("\n**Processor not limited**\n\n")
                .append(table(rows.stream().filter(row -> !row.limited()).toList()));
        for (int memorySize : memorySizes(limited)) {
            text.append(String.format(
                    Locale.ROOT, "%n**%,d MB**, %.2f processors%n%n", memorySize, CpuLimit.processors(memorySize)));
            text.append(table(limited.stream()
                    .filter(row -> row.memorySize() == memorySize)
                    .toList()));
        }
        return text.toString();
    }

    private static List<Integer> memorySizes(List<Row> rows) {
        return rows.stream().map(Row::memorySize).distinct().toList();
    }

    private static String dollars(List<Row> rows) {
        StringBuilder table = new StringBuilder("| batch | function |");
        memorySizes(rows).forEach(memorySize -> table.append(String.format(Locale.ROOT, " %,d MB |", memorySize)));
        table.append("\n|---|---|")
                .append("---|".repeat(memorySizes(rows).size()))
                .append('\n');
        for (Row first : rows) {
            if (first.memorySize() == rows.getFirst().memorySize()) {
                table.append(String.format(
                        Locale.ROOT,
                        "| %s | %s | %s |%n",
                        batch(first),
                        first.function(),
                        rows.stream()
                                .filter(row -> row.function().equals(first.function()) && row.batch() == first.batch())
                                .map(row -> String.format(Locale.ROOT, "%.3f", row.dollarsPerMillion()))
                                .collect(Collectors.joining(" | "))));
            }
        }
        return table.toString();
    }

    private static String table(List<Row> rows) {
        StringBuilder table = new StringBuilder(
                """
                | batch | function | invocations | wall ms p50 | p99 | CPU ms | peak MB | calls | handshakes | GB-s a million | $ a million |
                |---|---|---|---|---|---|---|---|---|---|---|
                """);
        for (Row row : rows) {
            Cost cost = row.cost();
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %d | %.1f | %s | %.1f | %.0f | %.0f | %.1f | %,.0f | %.3f |%n",
                    batch(row),
                    row.function(),
                    cost.wall().size(),
                    cost.wallMillis(50),
                    p99(cost),
                    cost.cpuMillis(),
                    cost.peakMegabytes(),
                    cost.calls(),
                    cost.handshakes(),
                    row.gigabyteSecondsPerMillion(),
                    row.dollarsPerMillion()));
        }
        return table.toString();
    }

    private static String batch(Row row) {
        return row.batch() == row.sent()
                ? String.format(Locale.ROOT, "%,d", row.batch())
                : String.format(Locale.ROOT, "%,d (%,d fit in 6 MB)", row.batch(), row.sent());
    }

    /** A hundredth of fewer invocations does not exist: the longest is reported, as such. */
    private static String p99(Cost cost) {
        return cost.wall().size() < FEWEST_FOR_P99
                ? String.format(Locale.ROOT, "max %.1f", cost.wallMillis(100))
                : String.format(Locale.ROOT, "%.1f", cost.wallMillis(99));
    }
}
