package io.datastream.imaging.simulation;

import io.datastream.imaging.simulation.Step.Envelope;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All that happens in one run, apart from what the seed decides in it: latencies, the order of threads and of messages,
 * which call a fault hits.
 *
 * @param seed of the run
 * @param batchSize messages of an invocation, 1 or more
 * @param concurrency invocations at the same time, 1 or more
 * @param steps in the order of time
 */
record Schedule(long seed, int batchSize, int concurrency, List<Step> steps) {

    private static final int KEYS = 5;

    Schedule {
        steps = steps.stream().sorted(Comparator.comparingLong(Step::at)).toList();
    }

    Schedule with(List<Step> otherSteps) {
        return new Schedule(seed, batchSize, concurrency, otherSteps);
    }

    Schedule with(int otherBatchSize, int otherConcurrency) {
        return new Schedule(seed, otherBatchSize, otherConcurrency, steps);
    }

    /** When the last fault of DynamoDB ends minus when the first begins, in milliseconds. */
    long outage() {
        long first = Long.MAX_VALUE;
        long last = 0;
        for (Step step : steps) {
            if (step instanceof Step.Outage outage && outage.fault().isOfDynamoDb()) {
                first = Math.min(first, outage.at());
                last = Math.max(last, outage.at() + outage.duration());
            }
        }
        return Math.max(0, last - first);
    }

    /** Draws a schedule. */
    static Schedule random(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Step> steps = new ArrayList<>();
        Upload.Identity identity = Upload.Identity.values()[random.nextInt(3)];
        int messages = 1 + random.nextInt(random.nextInt(10) == 0 ? 40 : 10);
        long span = random.nextBoolean() ? 2_000 : 40_000;
        Step.Inventory inventory = null;
        if (identity == Upload.Identity.VERSION_ID && random.nextInt(3) == 0) {
            int minute = 1 + random.nextInt(2);
            inventory = new Step.Inventory(minute * 60_000L + random.nextLong(120_000), minute);
        }
        for (int message = 0; message < messages; message++) {
            long at = random.nextLong(span);
            steps.add(message(random, at, identity, steps.size() * 10 + 1, delays(random, at, inventory)));
        }
        if (inventory != null) {
            steps.add(inventory);
        }
        int faults = random.nextInt(5);
        for (int fault = 0; fault < faults; fault++) {
            Fault what = Fault.values()[random.nextInt(Fault.values().length)];
            long duration = random.nextInt(8) == 0 ? 20_000 + random.nextLong(60_000) : 200 + random.nextLong(15_000);
            int percent = random.nextBoolean() ? 100 : 10 + random.nextInt(60);
            long at = inventory != null && random.nextBoolean()
                    ? inventory.at() - random.nextLong(2_000)
                    : random.nextLong(span);
            steps.add(new Step.Outage(at, what, duration, percent));
        }
        for (int crashes = random.nextInt(6) - 3; crashes > 0; crashes--) {
            steps.add(new Step.Crash(random.nextLong(span)));
        }
        if (random.nextInt(3) == 0) {
            steps.add(new Step.Deployment(random.nextLong(90_000)));
        }
        if (random.nextInt(3) == 0) {
            long at = random.nextLong(160_000);
            steps.add(new Step.Replay(at));
            if (random.nextInt(3) == 0) {
                steps.add(new Step.Replay(at + random.nextLong(2_000)));
            }
            if (random.nextBoolean()) {
                Fault what = Fault.values()[Fault.SQS_THROTTLED.ordinal() + random.nextInt(5)];
                steps.add(new Step.Outage(at, what, 500 + random.nextLong(20_000), 10 + random.nextInt(91)));
            }
        }
        return new Schedule(seed, 1 + random.nextInt(12), 1 + random.nextInt(4), steps);
    }

    private static Step message(
            SplittableRandom random, long at, Upload.Identity identity, int number, List<Long> delays) {
        Envelope envelope = random.nextInt(3) > 0
                ? Envelope.values()[random.nextInt(2)]
                : Envelope.values()[random.nextInt(Envelope.values().length)];
        List<Upload> uploads = new ArrayList<>();
        int count =
                switch (envelope) {
                    case S3, S3_IN_SNS -> 1 + (random.nextInt(3) == 0 ? random.nextInt(6) : 0);
                    case EVENT_BRIDGE, EVENT_BRIDGE_IN_SNS, DELETION -> 1;
                    case TEST_EVENT, BROKEN -> 0;
                };
        for (int upload = 0; upload < count; upload++) {
            // Of an upload that S3 never notifies, the model knows only what becomes of a good one. The reconciling
            // function stops at an item that DynamoDB refuses, and it reconciles versions only.
            Upload.Kind kind = delays.isEmpty()
                    ? Upload.Kind.GOOD
                    : switch (random.nextInt(20)) {
                        case 0 -> Upload.Kind.NO_PATIENT_ID;
                        case 1 ->
                            identity == Upload.Identity.VERSION_ID ? Upload.Kind.GOOD : Upload.Kind.REFUSED_BY_TABLE;
                        case 2 -> Upload.Kind.GOOD_FOR_LATER_PATTERN;
                        default -> Upload.Kind.GOOD;
                    };
            uploads.add(new Upload(number + upload, random.nextInt(KEYS), kind, identity, at));
        }
        return new Step.Message(at, envelope, uploads, delays);
    }

    /** Mostly soon, sometimes late, sometimes twice. With an inventory: sometimes never, sometimes while it is reconciled. */
    private static List<Long> delays(SplittableRandom random, long at, Step.@Nullable Inventory inventory) {
        if (inventory != null && random.nextInt(6) == 0) {
            return List.of();
        }
        List<Long> delays = new ArrayList<>();
        delays.add(
                inventory != null && random.nextInt(4) == 0
                        ? Math.max(0, inventory.at() - at + random.nextLong(4_000) - 3_000)
                        : random.nextLong(random.nextInt(4) == 0 ? 20_000 : 500));
        if (random.nextInt(5) == 0) {
            delays.add(random.nextLong(60_000));
        }
        return delays;
    }

    /** As a person reads it. */
    @Override
    public String toString() {
        return "seed " + seed + ", batches of " + batchSize + ", " + concurrency + " invocations at the same time\n"
                + steps.stream()
                        .map(step -> "%8.3f s  %s%n".formatted(step.at() / 1000.0, step))
                        .collect(Collectors.joining());
    }
}
