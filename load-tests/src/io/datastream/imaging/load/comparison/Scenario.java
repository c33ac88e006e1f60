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
 * Uploads of one kind, and what each variant wrote until nothing more happened or the time was over.
 *
 * @param pending uploads that a variant had not finished when the time was over
 */
record Scenario(String name, List<Uploader.Stored> uploads, Map<Variant, Use> uses, Map<Variant, Long> pending) {

    /** What a variant used during the scenario. */
    record Use(long dynamoDbCalls, long invocations, double functionSeconds) {

        static Use of(Variant variant) {
            return new Use(variant.table().calls(), variant.invocations(), variant.functionSeconds());
        }

        Use since(Use before) {
            return new Use(
                    dynamoDbCalls - before.dynamoDbCalls,
                    invocations - before.invocations,
                    functionSeconds - before.functionSeconds);
        }
    }

    private static final Duration PATIENCE = Duration.ofMinutes(8);

    static Scenario run(String name, List<Variant> variants, Supplier<List<Uploader.Stored>> upload) {
        Map<Variant, Use> before = new HashMap<>();
        variants.forEach(variant -> before.put(variant, Use.of(variant)));
        List<Uploader.Stored> uploads = upload.get();
        try {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofSeconds(1))
                    .during(Duration.ofSeconds(5))
                    .until(() -> variants.stream().allMatch(variant -> variant.pending() == 0));
        } catch (ConditionTimeoutException goesOn) {
            System.out.println("not all variants have settled");
        }
        Map<Variant, Long> pending = new HashMap<>();
        variants.forEach(variant -> pending.put(variant, variant.pending()));
        Map<Variant, Use> uses = new HashMap<>();
        variants.forEach(
                variant -> uses.put(variant, Use.of(variant).since(Objects.requireNonNull(before.get(variant)))));
        return new Scenario(name, uploads, uses, pending);
    }

    /** Uploads without a record that the variant had finished. */
    long lost(Variant variant) {
        Map<LimitedTable.Version, Instant> written = variant.table().written();
        long missing = uploads.stream()
                .filter(upload -> !written.containsKey(upload.version()))
                .count();
        return Math.max(0, missing - Objects.requireNonNull(pending.get(variant)));
    }

    /** Upload to record, of those that have one. */
    Percentiles latency(Variant variant) {
        Map<LimitedTable.Version, Instant> written = variant.table().written();
        return Percentiles.of(uploads.stream()
                .filter(upload -> written.containsKey(upload.version()))
                .map(upload -> Duration.between(upload.time(), Objects.requireNonNull(written.get(upload.version())))));
    }
}
