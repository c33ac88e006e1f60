package io.datastream.imaging.load.benchmark;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.datastream.imaging.load.Options;
import io.datastream.imaging.load.benchmark.MeasuredFunction.Cost;
import io.datastream.imaging.load.benchmark.Messages.Payload;
import io.datastream.imaging.load.report.Machine;
import io.datastream.imaging.local.lambda.FunctionError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What AWS bills for: the wall time of an invocation. The shipped jar and those that it is compared with run in JVMs of
 * their own under Lambda's runtime interface client and write over TLS to a stub of DynamoDB. They are invoked in turn,
 * one invocation each, so that what disturbs the machine for a while disturbs all of them. Only the usual way comes
 * after the others: while it takes seconds for a batch, the idle connections of the others would be closed.
 *
 * <p>{@code -Djar=} the shipped jar, {@code -Dbaseline=} a jar of another commit (none), {@code -Ddelay=} milliseconds
 * until DynamoDB answers (10), {@code -Dseconds=} for each row (6).
 */
public final class Billed {

    private static final Path FOLDER = Path.of("target/load-tests/billed");
    private static final int[] BATCHES = {1, 10, 100, 1_000, 10_000};
    private static final int[] MEMORY_SIZES = {512, 1024, 1769};

    /** Different messages in all payloads of a batch together, where it is not larger. */
    private static final int MESSAGES = 5_000;

    private static final Duration WARM_UP = Duration.ofSeconds(8);

    private static final String USUAL_WAY = "the usual way";

    private static final int MOST_INVOCATIONS = 400;

    /**
     * One row of the report.
     *
     * @param memorySize megabytes
     * @param limited whether the processor was limited to what Lambda gives for that memory
     * @param batch messages asked for
     * @param sent messages that fit into the payload
     */
    record Row(String function, int memorySize, boolean limited, int batch, int sent, Cost cost) {

        double gigabyteSecondsPerMillion() {
            // Lambda rounds up to a millisecond.
            double seconds =
                    cost.wall().stream().mapToDouble(Math::ceil).average().orElseThrow() / 1e3;
            return seconds * memorySize / 1024 * 1e6 / sent;
        }

        double dollarsPerMillion() {
            return gigabyteSecondsPerMillion() * GIGABYTE_SECOND + REQUEST * 1e6 / sent;
        }
    }

    /** US dollars, x86 in us-east-1, without the free tier and without volume discounts. */
    private static final double GIGABYTE_SECOND = 0.0000166667;

    private static final double REQUEST = 0.20 / 1e6;

    private Billed() {}

    public static void main(String[] arguments) throws IOException, FunctionError {
        Path jar = Path.of(System.getProperty("jar", "target/ingest-function.jar"));
        String baseline = System.getProperty("baseline", "");
        int delay = Options.readOrExit(() -> Options.positive("delay", 10));
        int seconds = Options.readOrExit(() -> Options.positive("seconds", 6));
        if (!Files.exists(jar) || !baseline.isEmpty() && !Files.exists(Path.of(baseline))) {
            System.err.println("no such jar: build it with mvn package, or give -Djar= and -Dbaseline=");
            System.exit(2);
        }
        Map<String, FunctionJvm> functions = functions(jar, baseline);
        List<Row> rows = new ArrayList<>();
        ServerCertificate certificate = ServerCertificate.create();
        try (DynamoDbStub dynamoDb = new DynamoDbStub(certificate)) {
            for (int memorySize : MEMORY_SIZES) {
                measure(
                        functions,
                        memorySize,
                        dynamoDb,
                        certificate,
                        Duration.ofMillis(delay),
                        Duration.ofSeconds(seconds),
                        rows);
            }
        }
        Files.createDirectories(FOLDER);
        Files.writeString(
                FOLDER.resolve("billed.json"),
                JsonMapper.builder()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build()
                        .writeValueAsString(rows));
        String report = BilledReport.text(rows, delay, Machine.here());
        Files.writeString(FOLDER.resolve("billed.md"), report);
        System.out.println(report);
    }

    private static Map<String, FunctionJvm> functions(Path jar, String baseline) {
        Path classes = FunctionJvm.locationOf(Floor.class);
        List<Path> withBenchmarks = Stream.concat(
                        Stream.of(jar, classes),
                        Stream.of(ObjectMapper.class, JsonFormat.class).map(FunctionJvm::locationOf))
                .toList();
        Map<String, FunctionJvm> functions = new LinkedHashMap<>();
        functions.put("floor", new FunctionJvm(Floor.class.getName() + "::handleRequest", withBenchmarks, Map.of()));
        functions.put("**the function**", new FunctionJvm(FunctionJvm.INGEST_HANDLER, List.of(jar), Map.of()));
        if (!baseline.isEmpty()) {
            functions.put(
                    "baseline", new FunctionJvm(FunctionJvm.INGEST_HANDLER, List.of(Path.of(baseline)), Map.of()));
        }
        functions.put(
                "the usual way",
                new FunctionJvm(UsualWay.class.getName() + "::handleRequest", withBenchmarks, Map.of()));
        return functions;
    }

    private static void measure(
            Map<String, FunctionJvm> functions,
            int memorySize,
            DynamoDbStub dynamoDb,
            ServerCertificate certificate,
            Duration delay,
            Duration time,
            List<Row> rows)
            throws IOException, FunctionError {
        Map<String, MeasuredFunction> started = new LinkedHashMap<>();
        List<CpuLimit> limits = new ArrayList<>();
        try {
            for (Map.Entry<String, FunctionJvm> function : functions.entrySet()) {
                started.put(
                        function.getKey(),
                        new MeasuredFunction(
                                function.getValue().start(memorySize, dynamoDb.endpoint(), certificate, line -> {}),
                                dynamoDb));
            }
            System.err.printf("%d MB: warming up%n", memorySize);
            dynamoDb.answerAfter(Duration.ZERO);
            warmUp(started.values());
            dynamoDb.answerAfter(delay);
            if (memorySize == MEMORY_SIZES[MEMORY_SIZES.length - 1]) {
                measureBatches(started, memorySize, false, time, rows);
            }
            if (CpuLimit.available()) {
                for (MeasuredFunction function : started.values()) {
                    limits.add(CpuLimit.of(function.pid(), memorySize));
                }
                measureBatches(started, memorySize, true, time, rows);
            } else {
                System.err.println("the processor cannot be limited here: see CpuLimit");
            }
        } finally {
            for (CpuLimit limit : limits) {
                limit.close();
            }
            started.values().forEach(MeasuredFunction::close);
        }
    }

    private static void warmUp(Collection<MeasuredFunction> functions) throws FunctionError {
        List<Payload> payloads = payloads(100);
        for (MeasuredFunction function : functions) {
            long end = System.nanoTime() + WARM_UP.toNanos();
            for (int i = 0; System.nanoTime() < end; i++) {
                function.invoke(payloads.get(i % payloads.size()));
            }
        }
    }

    private static void measureBatches(
            Map<String, MeasuredFunction> functions, int memorySize, boolean limited, Duration time, List<Row> rows)
            throws IOException, FunctionError {
        for (int batch : BATCHES) {
            System.err.printf(
                    "%d MB, processor %s, batch %,d%n", memorySize, limited ? "limited" : "not limited", batch);
            List<Payload> payloads = payloads(batch);
            List<MeasuredFunction> inTurn = new ArrayList<>(functions.values());
            inTurn.remove(functions.get(USUAL_WAY));
            for (MeasuredFunction function : inTurn) {
                function.invoke(payloads.getLast());
                function.reset();
            }
            invokeInTurn(inTurn, payloads, time);
            functions.get(USUAL_WAY).reset();
            invokeInTurn(List.of(functions.get(USUAL_WAY)), payloads, time);
            int sent = payloads.getFirst().messageIds().size();
            for (Map.Entry<String, MeasuredFunction> function : functions.entrySet()) {
                rows.add(new Row(
                        function.getKey(),
                        memorySize,
                        limited,
                        batch,
                        sent,
                        function.getValue().cost()));
            }
        }
    }

    private static void invokeInTurn(List<MeasuredFunction> functions, List<Payload> payloads, Duration time)
            throws FunctionError {
        boolean measuring = true;
        for (int round = 0; measuring && round < MOST_INVOCATIONS; round++) {
            measuring = false;
            for (MeasuredFunction function : functions) {
                if (function.totalWallMillis() < time.toMillis()) {
                    function.invoke(payloads.get(round % payloads.size()));
                    measuring = true;
                }
            }
        }
    }

    private static List<Payload> payloads(int batch) {
        return IntStream.range(0, Math.max(1, Math.min(50, MESSAGES / batch)))
                .mapToObj(payload -> Payload.of(payload * batch, batch))
                .toList();
    }
}
