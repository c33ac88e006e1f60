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
import java.util.stream.IntStream;

/**
 * The ways of {@link FunctionBenchmark} side by side: each in JVMs of its own, so that none spoils another's compiled
 * code, and in turn for a tenth of a second, round after round. What disturbs the machine for a while disturbs all ways,
 * so that their ratio holds where times taken minutes apart do not. Three JVMs of each way, as no two compile alike.
 * Takes nine minutes. {@code -Dbatch=} messages (100).
 */
public final class Ratios {

    private static final Path FILE = Path.of("target/load-tests/benchmarks/ratios.md");
    private static final List<String> WAYS = List.of("floor", "function", "putItems", "usualWay");

    /** The SDK's pipeline keeps the optimising compiler busy for a quarter of a minute. */
    private static final Duration WARM_UP = Duration.ofSeconds(1);

    private static final int WARM_UP_ROUNDS = 30;
    private static final Duration SLICE = Duration.ofMillis(100);
    private static final int ROUNDS = 60;
    private static final int JVMS_OF_A_WAY = 3;

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
        Map<String, List<Measuring>> ways = new LinkedHashMap<>();
        WAYS.forEach(way -> ways.put(way, new ArrayList<>()));
        try {
            for (int jvm = 0; jvm < JVMS_OF_A_WAY; jvm++) {
                for (Map.Entry<String, List<Measuring>> way : ways.entrySet()) {
                    way.getValue().add(new Measuring(way.getKey(), batch));
                }
            }
            List<Measuring> inTurn = IntStream.range(0, JVMS_OF_A_WAY)
                    .boxed()
                    .flatMap(jvm -> ways.values().stream().map(jvms -> jvms.get(jvm)))
                    .toList();
            for (int round = 0; round < WARM_UP_ROUNDS; round++) {
                for (Measuring jvm : inTurn) {
                    jvm.cpuMicros(WARM_UP);
                }
            }
            for (int round = 0; round < ROUNDS; round++) {
                for (Measuring jvm : inTurn) {
                    jvm.micros.add(jvm.cpuMicros(SLICE));
                }
            }
        } finally {
            ways.values().forEach(jvms -> jvms.forEach(Measuring::end));
        }
        String table = table(ways, batch);
        Files.createDirectories(FILE.getParent());
        Files.writeString(FILE, table);
        System.out.println(table);
    }

    private static String table(Map<String, List<Measuring>> ways, int batch) {
        StringBuilder table = new StringBuilder("batches of %d, medians of %d rounds of %d JVMs for each way%n%n"
                .formatted(batch, ROUNDS, JVMS_OF_A_WAY));
        table.append("| way | CPU µs per record | against the floor | half of the rounds |\n|---|---|---|---|\n");
        List<Double> floor = micros(ways.get("floor"));
        ways.forEach((name, jvms) -> {
            List<Double> micros = micros(jvms);
            List<Double> ratios = IntStream.range(0, micros.size())
                    .mapToObj(slice -> micros.get(slice) / floor.get(slice))
                    .toList();
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %.1f | %.2f | %.2f to %.2f |%n",
                    name,
                    quantile(micros, 0.5),
                    quantile(ratios, 0.5),
                    quantile(ratios, 0.25),
                    quantile(ratios, 0.75)));
        });
        return table.toString();
    }

    /** Of all JVMs of a way, one after the other. */
    private static List<Double> micros(List<Measuring> jvms) {
        return jvms.stream().flatMap(jvm -> jvm.micros.stream()).toList();
    }

    private static double quantile(List<Double> values, double quantile) {
        return values.stream().sorted().toList().get((int) (quantile * (values.size() - 1)));
    }

    /** A JVM that does one thing, for as long as it is told to, and says what that cost. */
    private static final class Measuring {

        private final List<Double> micros = new ArrayList<>();
        private final Process process;
        private final PrintWriter questions;
        private final BufferedReader answers;

        Measuring(String way, int batch) throws IOException {
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Dslf4j.provider=org.slf4j.nop.NOPServiceProvider",
                            "-Dslf4j.internal.verbosity=WARN",
                            "-Xms512m",
                            "-Xmx512m",
                            "-XX:+UseSerialGC",
                            "-Dbatch=" + batch,
                            "-cp",
                            System.getProperty("java.class.path"),
                            Ratios.class.getName(),
                            way)
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
