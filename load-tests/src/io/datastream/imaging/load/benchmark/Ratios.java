package io.datastream.imaging.load.benchmark;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The ways of {@link FunctionBenchmark} side by side: in one JVM, a tenth of a second of each, round after round. On a
 * machine that others use, too, what disturbs a round disturbs all its ways, so that their ratio holds where times of
 * minutes apart do not. {@code -Dbatch=} messages (100).
 */
public final class Ratios {

    private static final Path FILE = Path.of("target/load-tests/benchmarks/ratios.md");
    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private static final long SLICE_NANOS = 100_000_000;
    private static final int WARM_UP_ROUNDS = 60;
    private static final int ROUNDS = 100;

    /** One way, and what each round measured: CPU µs for a record, and how often the floor's. */
    private record Measured(String way, Runnable invocation, List<Double> micros, List<Double> ratios) {

        Measured(String way, Runnable invocation) {
            this(way, invocation, new ArrayList<>(), new ArrayList<>());
        }

        String row() {
            return String.format(
                    Locale.ROOT,
                    "| %s | %.1f | %.2f | %.2f to %.2f |",
                    way,
                    quantile(micros, 0.5),
                    quantile(ratios, 0.5),
                    quantile(ratios, 0.25),
                    quantile(ratios, 0.75));
        }

        private static double quantile(List<Double> values, double quantile) {
            return values.stream().sorted().toList().get((int) (quantile * (values.size() - 1)));
        }
    }

    private Ratios() {}

    public static void main(String[] arguments) throws IOException {
        FunctionBenchmark benchmark = new FunctionBenchmark();
        benchmark.batch = Integer.getInteger("batch", 100);
        benchmark.prepare();
        List<Measured> ways = List.of(
                new Measured("floor", benchmark::floor),
                new Measured("function", benchmark::function),
                new Measured("putItems", benchmark::putItems),
                new Measured("usualWay", benchmark::usualWay));
        for (int round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
            List<Double> micros = new ArrayList<>();
            for (Measured way : ways) {
                micros.add(cpuMicros(way.invocation()) / benchmark.batch);
            }
            for (int way = 0; way < ways.size() && round >= WARM_UP_ROUNDS; way++) {
                ways.get(way).micros().add(micros.get(way));
                ways.get(way).ratios().add(micros.get(way) / micros.getFirst());
            }
        }
        benchmark.close();
        StringBuilder table =
                new StringBuilder("batches of %d, medians of %d rounds%n%n".formatted(benchmark.batch, ROUNDS));
        table.append("| way | CPU µs per record | against the floor | half of the rounds |\n|---|---|---|---|\n");
        ways.forEach(way -> table.append(way.row()).append('\n'));
        Files.createDirectories(FILE.getParent());
        Files.writeString(FILE, table);
        System.out.println(table);
        // The function's threads are daemons, but not all of the SDK's need be.
        System.exit(0);
    }

    /** Of the whole process, for one invocation. */
    private static double cpuMicros(Runnable invocation) {
        long cpu = SYSTEM.getProcessCpuTime();
        long end = System.nanoTime() + SLICE_NANOS;
        int invocations = 0;
        while (System.nanoTime() < end) {
            invocation.run();
            invocations++;
        }
        return (SYSTEM.getProcessCpuTime() - cpu) / 1e3 / invocations;
    }
}
