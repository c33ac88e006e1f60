package io.datastream.imaging.load.benchmark;

import com.sun.management.OperatingSystemMXBean;
import io.datastream.imaging.load.Options;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The ways of {@link FunctionBenchmark} side by side: each in a JVM of its own, so that none spoils another's compiled
 * code, and in turn for a tenth of a second, round after round. What disturbs the machine for a while disturbs all ways,
 * so that their ratio holds where times taken minutes apart do not. {@code -Dbatch=} messages (100).
 */
public final class Ratios {

    private static final Path FILE = Path.of("target/load-tests/benchmarks/ratios.md");
    private static final List<String> WAYS = List.of("floor", "function", "putItems", "usualWay");

    /** The SDK's pipeline keeps the optimising compiler busy for a quarter of a minute. */
    private static final Duration WARM_UP = Duration.ofSeconds(1);

    private static final int WARM_UP_ROUNDS = 30;
    private static final Duration SLICE = Duration.ofMillis(100);
    private static final int ROUNDS = 100;

    private Ratios() {}

    public static void main(String[] arguments) throws IOException {
        int batch = Options.readOrExit(() -> Options.positive("batch", 100));
        if (arguments.length == 1) {
            measureWhenAsked(arguments[0], batch);
        } else {
            compare(batch);
        }
    }

    private static void compare(int batch) throws IOException {
        Map<String, Way> ways = new LinkedHashMap<>();
        try {
            for (String name : WAYS) {
                ways.put(name, new Way(name, batch));
            }
            for (int round = 0; round < WARM_UP_ROUNDS; round++) {
                for (Way way : ways.values()) {
                    way.cpuMicros(WARM_UP);
                }
            }
            for (int round = 0; round < ROUNDS; round++) {
                for (Way way : ways.values()) {
                    way.micros.add(way.cpuMicros(SLICE));
                }
            }
        } finally {
            ways.values().forEach(Way::end);
        }
        String table = table(ways, batch);
        Files.createDirectories(FILE.getParent());
        Files.writeString(FILE, table);
        System.out.println(table);
    }

    private static String table(Map<String, Way> ways, int batch) {
        StringBuilder table = new StringBuilder("batches of %d, medians of %d rounds%n%n".formatted(batch, ROUNDS));
        table.append("| way | CPU µs per record | against the floor | half of the rounds |\n|---|---|---|---|\n");
        List<Double> floor = ways.get("floor").micros;
        ways.forEach((name, way) -> {
            List<Double> ratios = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                ratios.add(way.micros.get(round) / floor.get(round));
            }
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %.1f | %.2f | %.2f to %.2f |%n",
                    name,
                    quantile(way.micros, 0.5),
                    quantile(ratios, 0.5),
                    quantile(ratios, 0.25),
                    quantile(ratios, 0.75)));
        });
        return table.toString();
    }

    private static double quantile(List<Double> values, double quantile) {
        return values.stream().sorted().toList().get((int) (quantile * (values.size() - 1)));
    }

    /** A JVM that does one thing, for as long as it is told to, and says what that cost. */
    private static final class Way {

        private final List<Double> micros = new ArrayList<>();
        private final Process process;
        private final PrintWriter questions;
        private final BufferedReader answers;

        Way(String name, int batch) throws IOException {
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "--enable-native-access=ALL-UNNAMED",
                            "-Xms512m",
                            "-Xmx512m",
                            "-XX:+UseSerialGC",
                            "-Dbatch=" + batch,
                            "-cp",
                            System.getProperty("java.class.path"),
                            Ratios.class.getName(),
                            name)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            questions = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
            answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        }

        /** Of the whole process, for one record. */
        double cpuMicros(Duration time) throws IOException {
            questions.println(time.toNanos());
            String answer = answers.readLine();
            if (answer == null) {
                throw new IOException("a measuring JVM is gone; its last words are above");
            }
            return Double.parseDouble(answer);
        }

        void end() {
            process.destroy();
        }
    }

    private static void measureWhenAsked(String way, int batch) throws IOException {
        FunctionBenchmark benchmark = new FunctionBenchmark();
        benchmark.batch = batch;
        benchmark.prepare();
        Runnable invocation =
                switch (way) {
                    case "floor" -> benchmark::floor;
                    case "function" -> benchmark::function;
                    case "putItems" -> benchmark::putItems;
                    case "usualWay" -> benchmark::usualWay;
                    default -> throw new IllegalArgumentException("no way is called " + way);
                };
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String question = questions.readLine(); question != null; question = questions.readLine()) {
            long cpu = system.getProcessCpuTime();
            long end = System.nanoTime() + Long.parseLong(question);
            long records = 0;
            while (System.nanoTime() < end) {
                invocation.run();
                records += batch;
            }
            answers.println((system.getProcessCpuTime() - cpu) / 1e3 / records);
        }
    }
}
