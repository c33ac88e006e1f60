package io.datastream.imaging.load.benchmark;

import io.datastream.imaging.load.benchmark.Messages.Payload;
import io.datastream.imaging.local.lambda.FunctionError;
import io.datastream.imaging.local.lambda.ProcessEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A function in a JVM of its own, and what its invocations took since the last {@link #reset}. */
final class MeasuredFunction implements AutoCloseable {

    private static final AtomicLong INVOCATIONS = new AtomicLong();
    private static final Duration LONGEST_INVOCATION = Duration.ofMinutes(5);

    /**
     * What some invocations took.
     *
     * @param wall milliseconds of each, in ascending order
     * @param cpuMillis of the whole process, for one invocation
     * @param peakMegabytes most resident memory of the process
     * @param calls of DynamoDB, for one invocation
     * @param handshakes of TLS, for one invocation
     */
    record Cost(List<Double> wall, double cpuMillis, double peakMegabytes, double calls, double handshakes) {

        /** Nearest rank. */
        double wallMillis(double percent) {
            return wall.get(Math.max(0, (int) Math.ceil(percent / 100 * wall.size()) - 1));
        }

        double meanWallMillis() {
            return wall.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        }
    }

    private final ProcessEnvironment environment;
    private final DynamoDbStub dynamoDb;
    private final List<Double> wall = new ArrayList<>();
    private long calls;
    private long handshakes;
    private Duration cpuBefore = Duration.ZERO;

    MeasuredFunction(ProcessEnvironment environment, DynamoDbStub dynamoDb) {
        this.environment = environment;
        this.dynamoDb = dynamoDb;
    }

    long pid() {
        return environment.pid();
    }

    void reset() throws IOException {
        wall.clear();
        calls = 0;
        handshakes = 0;
        cpuBefore = cpu();
        // proc_pid_clear_refs(5): 5 resets the peak of the resident memory.
        Files.writeString(Path.of("/proc", Long.toString(pid()), "clear_refs"), "5");
    }

    /** Invokes once. A batch with a failure would not be comparable, so it ends the benchmark. */
    void invoke(Payload payload) throws FunctionError {
        long callsBefore = dynamoDb.calls();
        long handshakesBefore = dynamoDb.handshakes();
        long start = System.nanoTime();
        String response = environment.invoke(
                "billed-" + INVOCATIONS.incrementAndGet(),
                payload.json(),
                Instant.now().plus(LONGEST_INVOCATION));
        wall.add((System.nanoTime() - start) / 1e6);
        calls += dynamoDb.calls() - callsBefore;
        handshakes += dynamoDb.handshakes() - handshakesBefore;
        if (response.contains("itemIdentifier")) {
            throw new IllegalStateException(
                    "a message failed: " + response.substring(0, Math.min(200, response.length())));
        }
    }

    /** Milliseconds of all invocations since the last reset. */
    double totalWallMillis() {
        return wall.stream().mapToDouble(Double::doubleValue).sum();
    }

    int invocations() {
        return wall.size();
    }

    Cost cost() throws IOException {
        int invocations = wall.size();
        return new Cost(
                wall.stream().sorted().toList(),
                cpu().minus(cpuBefore).toNanos() / 1e6 / invocations,
                peakMegabytes(),
                (double) calls / invocations,
                (double) handshakes / invocations);
    }

    private Duration cpu() {
        return ProcessHandle.of(pid())
                .flatMap(process -> process.info().totalCpuDuration())
                .orElseThrow(() -> new IllegalStateException("the function's JVM has ended"));
    }

    private double peakMegabytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid()), "status"))) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
            }
        }
        throw new IllegalStateException("no VmHWM in the status of the function's JVM");
    }

    @Override
    public void close() {
        environment.close();
    }
}
