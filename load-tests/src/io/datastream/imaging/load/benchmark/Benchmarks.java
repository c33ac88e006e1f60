package io.datastream.imaging.load.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs {@link FunctionBenchmark} and prints what a record costs. JMH's own options are understood. The numbers are for
 * information, but for one: exit 1 if the usual way costs less than {@value #LEAST_RATIO} times the CPU of the function,
 * in batches of {@value #BATCH_OF_RATIO}.
 */
public final class Benchmarks {

    private static final Path FOLDER = Path.of("target/load-tests/benchmarks");
    private static final double LEAST_RATIO = 2.5;
    private static final int BATCH_OF_RATIO = 100;
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    private record Cost(String way, int batch, double wallMicros, double cpuMicros, double bytes) {

        static Cost of(RunResult result) {
            int batch = Integer.parseInt(result.getParams().getParam("batch"));
            String benchmark = result.getParams().getBenchmark();
            return new Cost(
                    benchmark.substring(benchmark.lastIndexOf('.') + 1),
                    batch,
                    result.getPrimaryResult().getScore() / batch,
                    result.getSecondaryResults().get(CpuProfiler.LABEL).getScore() / batch,
                    result.getSecondaryResults().get(ALLOCATED).getScore() / batch);
        }
    }

    private Benchmarks() {}

    public static void main(String[] arguments) throws IOException, RunnerException, CommandLineOptionException {
        Files.createDirectories(FOLDER);
        OptionsBuilder options = new OptionsBuilder();
        options.parent(new CommandLineOptions(arguments))
                .include(FunctionBenchmark.class.getSimpleName())
                .addProfiler(CpuProfiler.class)
                .addProfiler(GCProfiler.class)
                .resultFormat(ResultFormatType.JSON)
                .result(FOLDER.resolve("jmh.json").toString());
        Collection<RunResult> results = new Runner(options.build()).run();
        List<Cost> costs = new ArrayList<>();
        results.forEach(result -> costs.add(Cost.of(result)));
        String table = table(costs);
        Files.writeString(FOLDER.resolve("costs.md"), table);
        System.out.println(table);
        double ratio = cpuMicros(costs, "usualWay", BATCH_OF_RATIO) / cpuMicros(costs, "function", BATCH_OF_RATIO);
        // Not a number if JMH's options left one of the two out.
        if (ratio < LEAST_RATIO) {
            System.err.printf(
                    Locale.ROOT,
                    "the usual way costs %.2f times the CPU of the function; the bound is %.1f%n",
                    ratio,
                    LEAST_RATIO);
            System.exit(1);
        }
    }

    private static double cpuMicros(List<Cost> costs, String way, int batch) {
        return costs.stream()
                .filter(cost -> cost.way().equals(way) && cost.batch() == batch)
                .mapToDouble(Cost::cpuMicros)
                .findFirst()
                .orElse(Double.NaN);
    }

    private static String table(List<Cost> costs) {
        StringBuilder table = new StringBuilder(
                """
                | way | batch | CPU µs per record | against the floor | bytes per record | records/s (one function, wall) |
                |---|---|---|---|---|---|
                """);
        for (Cost cost : costs) {
            double floor = cpuMicros(costs, "floor", cost.batch());
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %,d | %.1f | %.2f | %,.0f | %,.0f |%n",
                    cost.way(),
                    cost.batch(),
                    cost.cpuMicros(),
                    cost.cpuMicros() / floor,
                    cost.bytes(),
                    1e6 / cost.wallMicros()));
        }
        return table.toString();
    }
}
