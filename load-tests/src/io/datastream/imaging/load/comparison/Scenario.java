package io.datastream.imaging.load.comparison;

import static org.awaitility.Awaitility.await;

import io.datastream.imaging.load.report.Percentiles;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Uploads of one kind, and what each way made of them until nothing more happened, or patience ended.
 *
 * @param pending uploads that a way still had to do with when patience ended
 */
record Scenario(String name, List<Uploader.Stored> uploads, Map<Way, Use> uses, Map<Way, Long> pending) {

    /** What a way used during the scenario. */
    record Use(long dynamoDbCalls, long invocations, double functionSeconds) {

        static Use of(Way way) {
            return new Use(way.table().calls(), way.invocations(), way.functionSeconds());
        }

        Use since(Use before) {
            return new Use(
                    dynamoDbCalls - before.dynamoDbCalls,
                    invocations - before.invocations,
                    functionSeconds - before.functionSeconds);
        }
    }

    private static final Duration PATIENCE = Duration.ofMinutes(8);

    static Scenario run(String name, List<Way> ways, Supplier<List<Uploader.Stored>> upload) {
        Map<Way, Use> before = new HashMap<>();
        ways.forEach(way -> before.put(way, Use.of(way)));
        List<Uploader.Stored> uploads = upload.get();
        try {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofSeconds(1))
                    .during(Duration.ofSeconds(5))
                    .until(() -> ways.stream().allMatch(way -> way.pending() == 0));
        } catch (ConditionTimeoutException goesOn) {
            System.out.println("not all ways have settled");
        }
        Map<Way, Long> pending = new HashMap<>();
        ways.forEach(way -> pending.put(way, way.pending()));
        Map<Way, Use> uses = new HashMap<>();
        ways.forEach(way -> uses.put(way, Use.of(way).since(Objects.requireNonNull(before.get(way)))));
        return new Scenario(name, uploads, uses, pending);
    }

    /** Uploads that have no record, and that the way had done with. */
    long lost(Way way) {
        Map<LimitedTable.Version, Instant> written = way.table().written();
        long missing = uploads.stream()
                .filter(upload -> !written.containsKey(upload.version()))
                .count();
        return Math.max(0, missing - Objects.requireNonNull(pending.get(way)));
    }

    /** Upload to record, of those that have one. */
    Percentiles latency(Way way) {
        Map<LimitedTable.Version, Instant> written = way.table().written();
        return Percentiles.of(uploads.stream()
                .filter(upload -> written.containsKey(upload.version()))
                .map(upload -> Duration.between(upload.time(), Objects.requireNonNull(written.get(upload.version())))));
    }
}
