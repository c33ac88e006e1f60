package io.datastream.imaging.load.drain;

import io.datastream.imaging.load.Options;
import io.datastream.imaging.load.report.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Fills the queue and drains it by the bare loop; then fills it again, enables the event source, and measures the same.
 * {@code -Devents=} how many (200,000), {@code -Dconcurrency=} functions at once (2). Fails below four fifths of the
 * bare loop of as many threads as functions, or if a record is missing.
 */
public final class DrainBurst {

    private static final Path FOLDER = Path.of("target/load-tests/drain");
    private static final double REQUIRED = 0.8;
    private static final int WARM_UP = 5_000;

    private record Drain(String way, int events, int records, Duration time) {

        double perSecond() {
            return events / (time.toNanos() / 1e9);
        }

        String row(double bare) {
            return String.format(
                    Locale.ROOT,
                    "| %s | %,d | %,d | %.1f | %,.0f | %.0f %% |",
                    way,
                    events,
                    records,
                    time.toMillis() / 1e3,
                    perSecond(),
                    100 * perSecond() / bare);
        }
    }

    private DrainBurst() {}

    public static void main(String[] arguments) throws IOException {
        int events = Options.readOrExit(() -> Options.positive("events", 200_000));
        int concurrency = Options.readOrExit(() -> Options.positive("maximumConcurrency", 2));
        // The JVM has compiled nothing yet: drain a few events both ways before measuring.
        pipeline(WARM_UP, concurrency);
        bareLoop(WARM_UP, concurrency);

        Drain bare = bareLoop(events, concurrency);
        Drain pipeline = pipeline(events, concurrency);

        String table = Machine.here().text()
                + "\n\n| way | events | records | seconds | per second | of the bare loop |\n|---|---|---|---|---|---|\n"
                + Stream.of(bare, pipeline)
                        .map(drain -> drain.row(bare.perSecond()))
                        .collect(Collectors.joining("\n", "", "\n"));
        Files.createDirectories(FOLDER);
        Files.writeString(FOLDER.resolve("drain.md"), table);
        System.out.println(table);
        if (pipeline.records() != events || pipeline.perSecond() < REQUIRED * bare.perSecond()) {
            System.out.println("FAILED: too slow, or a record is missing");
            System.exit(1);
        }
        // The emulators leave threads behind.
        System.exit(0);
    }

    private static Drain pipeline(int events, int concurrency) {
        return measure("pipeline, " + concurrency + " functions", events, concurrency, burst -> {
            burst.cloud().eventSource().resume();
            burst.awaitDrained();
        });
    }

    private static Drain bareLoop(int events, int threads) {
        return measure("bare loop, " + threads + " threads", events, threads, burst -> {
            new BareLoop(burst).run(threads);
        });
    }

    private static Drain measure(String way, int events, int concurrency, Consumer<Burst> drain) {
        try (Burst burst = new Burst(events, concurrency)) {
            long begin = System.nanoTime();
            drain.accept(burst);
            Duration time = Duration.ofNanos(System.nanoTime() - begin);
            Drain result = new Drain(way, events, burst.records(), time);
            System.out.println(result);
            return result;
        }
    }
}
