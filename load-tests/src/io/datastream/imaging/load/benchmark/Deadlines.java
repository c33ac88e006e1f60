package io.datastream.imaging.load.benchmark;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.datastream.imaging.load.Options;
import io.datastream.imaging.load.benchmark.HangingDynamoDb.Phase;
import io.datastream.imaging.load.benchmark.Messages.Payload;
import io.datastream.imaging.load.report.Machine;
import io.datastream.imaging.local.lambda.FunctionError;
import io.datastream.imaging.local.lambda.ProcessEnvironment;
import java.io.IOException;
import java.net.spi.InetAddressResolverProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Whether the function answers in time when calls of DynamoDB hang, in each phase of a call: the shipped jar under
 * Lambda's runtime interface client, one JVM for each phase. An invocation is late if it is not answered
 * {@link #MARGIN} before its deadline. The invocations with little time left run alone on the machine, as a neighbour
 * could delay them by more than the margin. The others, which mostly wait, run beside those of one other phase. As on
 * Lambda, one that is not answered at its deadline is killed, and the next one gets a new JVM. Exit 1 if one is late or
 * incomplete.
 *
 * <p>{@code -Djar=} the jar, {@code -Drounds=} how often each invocation is made (2).
 */
public final class Deadlines {

    private static final Path FOLDER = Path.of("target/load-tests/deadlines");
    private static final int[] RECORDS = {1, 100, 500, 2_500};
    private static final List<Duration> SHORT = List.of(Duration.ofMillis(600), Duration.ofSeconds(2));
    private static final List<Duration> LONG = List.of(Duration.ofSeconds(5), Duration.ofSeconds(20));
    private static final Duration MARGIN = Duration.ofMillis(100);
    private static final int MEMORY_SIZE = 1024;
    private static final int SIDE_BY_SIDE = 2;

    /** Invocations whose messages are all rejected: they load and compile what does not depend on DynamoDB. */
    private static final int WARM_UP_INVOCATIONS = 5;

    /** In the phase {@link Phase#REQUEST}, so that a request is larger than the kernel's buffers. */
    private static final String LONG_FOLDER = "ward-7-" + "x".repeat(600) + "/";

    private static final String FOLDER_OF_UPLOADS = "ward-7/";
    private static final Pattern UNWRITTEN = Pattern.compile("\"RecordsUnwritten\":\\[?([0-9]+)");
    private static final Duration LONGEST_DELAY_OF_OUTPUT = Duration.ofSeconds(2);
    private static final AtomicLong INVOCATIONS = new AtomicLong();

    /**
     * One invocation.
     *
     * @param answered milliseconds from the answer to the deadline; null if it was killed at the deadline
     * @param failures messages reported as failed
     * @param logged whether the log says which messages are unwritten or unread
     * @param measured whether the metrics say how many records are unwritten
     */
    record Invocation(
            Phase phase,
            int records,
            Duration timeLeft,
            Long answered,
            int failures,
            boolean logged,
            boolean measured) {

        boolean isLate() {
            return answered == null || answered < MARGIN.toMillis();
        }

        /** Nothing is ever written here, so that each message must be reported. */
        boolean isComplete() {
            return failures == records && logged && measured;
        }
    }

    private Deadlines() {}

    public static void main(String[] arguments) throws IOException, InterruptedException, FunctionError {
        Path jar = Path.of(System.getProperty("jar", "target/ingest-function.jar"));
        int rounds = Options.readOrExit(() -> Options.positive("rounds", 2));
        if (!Files.exists(jar)) {
            System.err.println("no " + jar + ": build it with mvn package, or give -Djar=");
            System.exit(2);
        }
        ServerCertificate certificate = ServerCertificate.create();
        List<Invocation> invocations = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(SIDE_BY_SIDE)) {
            for (Phase phase : Phase.values()) {
                invocations.addAll(new Run(phase, jar, certificate).invoke(rounds, SHORT));
            }
            List<Future<List<Invocation>>> phases = new ArrayList<>();
            for (Phase phase : Phase.values()) {
                phases.add(threads.submit(() -> new Run(phase, jar, certificate).invoke(rounds, LONG)));
            }
            for (Future<List<Invocation>> phase : phases) {
                invocations.addAll(phase.get());
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("a function could not be measured", e.getCause());
        }
        Files.createDirectories(FOLDER);
        Files.writeString(FOLDER.resolve("deadlines.json"), JsonMapper.shared().writeValueAsString(invocations));
        String report = Machine.here().text() + ", " + jar + "\n\n" + table(invocations);
        Files.writeString(FOLDER.resolve("deadlines.md"), report);
        System.out.println(report);
        boolean passed = invocations.stream().allMatch(invocation -> !invocation.isLate() && invocation.isComplete());
        System.exit(passed ? 0 : 1);
    }

    /** All invocations of one phase, one after the other. */
    private static final class Run {

        private final Phase phase;
        private final Path jar;
        private final ServerCertificate certificate;
        private final List<String> log = new ArrayList<>();

        Run(Phase phase, Path jar, ServerCertificate certificate) {
            this.phase = phase;
            this.jar = jar;
            this.certificate = certificate;
        }

        List<Invocation> invoke(int rounds, List<Duration> timesLeft)
                throws IOException, InterruptedException, FunctionError {
            List<Payload> payloads = new ArrayList<>();
            for (int records : RECORDS) {
                payloads.add(Payload.of(0, records, phase == Phase.REQUEST ? LONG_FOLDER : FOLDER_OF_UPLOADS));
            }
            // Each phase begins elsewhere, so that the large batches do not come at the same time.
            Collections.rotate(payloads, phase.ordinal());
            List<Invocation> invocations = new ArrayList<>();
            @Nullable ProcessEnvironment environment = null;
            try (HangingDynamoDb dynamoDb = new HangingDynamoDb(phase, certificate)) {
                for (int round = 0; round < rounds; round++) {
                    for (Payload payload : payloads) {
                        for (Duration timeLeft : timesLeft) {
                            if (environment == null || !environment.alive()) {
                                environment = start(dynamoDb);
                            }
                            invocations.add(invoke(environment, payload, timeLeft));
                        }
                    }
                    System.err.printf("%s: round %d of %d%n", phase.text(), round + 1, rounds);
                }
            } finally {
                if (environment != null) {
                    environment.close();
                }
            }
            return invocations;
        }

        private ProcessEnvironment start(HangingDynamoDb dynamoDb) throws IOException, FunctionError {
            List<Path> classPath = List.of(jar, FunctionJvm.locationOf(HangingResolver.class));
            Map<String, String> services = phase == Phase.DNS
                    ? Map.of(InetAddressResolverProvider.class.getName(), HangingResolver.class.getName())
                    : Map.of();
            ProcessEnvironment environment = new FunctionJvm(FunctionJvm.INGEST_HANDLER, classPath, services)
                    .start(MEMORY_SIZE, dynamoDb.endpoint(), certificate, this::add);
            // A file name that is no patient's: such messages are rejected.
            Payload rejected = Payload.of(0, RECORDS[RECORDS.length - 1], "no/such/");
            for (int i = 0; i < WARM_UP_INVOCATIONS; i++) {
                environment.invoke(
                        "warm-up-" + i,
                        rejected.json().replace("patient-", "p"),
                        Instant.now().plusSeconds(60));
            }
            return environment;
        }

        private Invocation invoke(ProcessEnvironment environment, Payload payload, Duration timeLeft)
                throws InterruptedException, IOException {
            int records = payload.messageIds().size();
            clearLog();
            Instant deadline = Instant.now().plus(timeLeft);
            String response;
            @Nullable Long answered;
            try {
                response = environment.invoke("deadline-" + INVOCATIONS.incrementAndGet(), payload.json(), deadline);
                answered = Duration.between(Instant.now(), deadline).toMillis();
            } catch (FunctionError e) {
                if (!e.isTimeout()) {
                    throw new IllegalStateException(e);
                }
                response = "{}";
                answered = null;
            }
            boolean logged =
                    await(line -> line.contains("\"records-unwritten\"") || line.contains("\"messages-unread\""));
            boolean measured = await(line -> {
                Matcher unwritten = UNWRITTEN.matcher(line);
                return unwritten.find() && Integer.parseInt(unwritten.group(1)) == records;
            });
            Set<String> failures = failures(response);
            failures.retainAll(payload.messageIds());
            return new Invocation(phase, records, timeLeft, answered, failures.size(), logged, measured);
        }

        private static Set<String> failures(String response) throws IOException {
            Set<String> failures = new HashSet<>();
            new ObjectMapper()
                    .readTree(response)
                    .path("batchItemFailures")
                    .forEach(failure ->
                            failures.add(failure.path("itemIdentifier").asText()));
            return failures;
        }

        private synchronized void add(String line) {
            log.add(line);
            notifyAll();
        }

        private synchronized void clearLog() {
            log.clear();
        }

        /** A line may come shortly after the answer: it goes through the output of the process. */
        private synchronized boolean await(Predicate<String> expected) throws InterruptedException {
            long end = System.nanoTime() + LONGEST_DELAY_OF_OUTPUT.toNanos();
            while (log.stream().noneMatch(expected)) {
                long left = Duration.ofNanos(end - System.nanoTime()).toMillis();
                if (left <= 0) {
                    return false;
                }
                wait(left);
            }
            return true;
        }
    }

    private static String table(List<Invocation> invocations) {
        StringBuilder table = new StringBuilder("Last answer, milliseconds before the deadline, by the time left\n\n");
        List<Duration> timesLeft = invocations.stream()
                .map(Invocation::timeLeft)
                .distinct()
                .sorted()
                .toList();
        table.append("| hanging phase | records |");
        timesLeft.forEach(timeLeft -> table.append(String.format(Locale.ROOT, " %.1f s |", timeLeft.toMillis() / 1e3)));
        table.append(" late | without log line or metrics | messages not reported |\n|---|---|")
                .append("---|".repeat(timesLeft.size() + 3))
                .append('\n');
        for (Phase phase : Phase.values()) {
            invocations.stream()
                    .filter(invocation -> invocation.phase() == phase)
                    .map(Invocation::records)
                    .distinct()
                    .sorted()
                    .forEach(records -> table.append(row(
                            phase.text(),
                            String.format(Locale.ROOT, "%,d", records),
                            timesLeft,
                            invocations.stream()
                                    .filter(invocation ->
                                            invocation.phase() == phase && invocation.records() == records)
                                    .toList())));
        }
        return table.append(row("**all " + invocations.size() + " invocations**", "", timesLeft, invocations))
                .toString();
    }

    private static String row(String phase, String records, List<Duration> timesLeft, List<Invocation> invocations) {
        return String.format(
                Locale.ROOT,
                "| %s | %s | %s | %d | %d | %,d |%n",
                phase,
                records,
                timesLeft.stream()
                        .map(timeLeft -> lastAnswer(invocations.stream()
                                .filter(invocation -> invocation.timeLeft().equals(timeLeft))
                                .toList()))
                        .collect(Collectors.joining(" | ")),
                invocations.stream().filter(Invocation::isLate).count(),
                invocations.stream()
                        .filter(invocation -> !invocation.logged() || !invocation.measured())
                        .count(),
                invocations.stream()
                        .mapToInt(invocation -> invocation.records() - invocation.failures())
                        .sum());
    }

    private static String lastAnswer(List<Invocation> invocations) {
        long killed = invocations.stream()
                .filter(invocation -> invocation.answered() == null)
                .count();
        return killed > 0
                ? "**" + killed + " of " + invocations.size() + " killed**"
                : invocations.stream()
                        .map(Invocation::answered)
                        .min(Comparator.nullsFirst(Comparator.naturalOrder()))
                        .map(Object::toString)
                        .orElse("");
    }
}
