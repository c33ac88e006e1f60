package io.datastream.imaging.load.spike;

import io.datastream.imaging.local.BucketEvents;
import io.datastream.imaging.local.Fault;
import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.local.UploadedObject;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What goes wrong in the embedded cloud while files are uploaded. */
final class Chaos implements AutoCloseable {

    /** The kinds of trouble. Poison files are the feeder's part. */
    enum Switch {
        /** DynamoDB throttles calls. */
        THROTTLING,
        /** {@code BatchWriteItem} leaves items unprocessed. */
        UNPROCESSED_ITEMS,
        /** DynamoDB writes, and its answer is lost. */
        LOST_ANSWERS,
        /** Events come a second time, up to 20 s late, and so after newer events of their key. */
        LATE_DUPLICATES,
        /** The bucket's notification is set again and again. */
        TEST_EVENTS,
        /** Files without a patient ID. */
        POISON_FILES,
        /** Functions are killed, busy ones first. */
        KILLS
    }

    private static final double THROTTLED = 0.1;
    private static final double UNPROCESSED = 0.2;
    private static final double LOST = 0.02;
    private static final double DUPLICATED = 0.1;
    private static final int LATEST_DUPLICATE_MILLIS = 20_000;
    private static final int TEST_EVENT_EVERY_MILLIS = 500;
    private static final int KILL_EVERY_MILLIS = 5_000;

    private final LocalCloud cloud;
    private final Set<Switch> switches;
    private final Random random;
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("chaos").factory());
    private final AtomicInteger duplicatesToCome = new AtomicInteger();
    private final AtomicInteger duplicates = new AtomicInteger();
    private final AtomicInteger testEvents = new AtomicInteger();
    private final AtomicInteger kills = new AtomicInteger();
    private volatile boolean uploading = true;

    Chaos(LocalCloud cloud, Set<Switch> switches, long seed) {
        this.cloud = cloud;
        this.switches = Set.copyOf(switches);
        this.random = new Random(seed);
    }

    void begin(String bucket) {
        if (switches.contains(Switch.THROTTLING)) {
            cloud.dynamoDbFaults().inject(Fault.THROTTLED, THROTTLED);
        }
        if (switches.contains(Switch.UNPROCESSED_ITEMS)) {
            cloud.dynamoDbFaults().inject(Fault.UNPROCESSED_ITEMS, UNPROCESSED);
        }
        if (switches.contains(Switch.LOST_ANSWERS)) {
            cloud.dynamoDbFaults().inject(Fault.ANSWER_LOST, LOST);
        }
        if (switches.contains(Switch.LATE_DUPLICATES)) {
            cloud.onUpload((upload, notified) -> duplicateSome(upload));
        }
        if (switches.contains(Switch.TEST_EVENTS)) {
            every(TEST_EVENT_EVERY_MILLIS, () -> {
                cloud.topic(cloud.outputs().get("TopicArn")).publish(BucketEvents.test(bucket));
                testEvents.incrementAndGet();
            });
        }
        if (switches.contains(Switch.KILLS)) {
            every(KILL_EVERY_MILLIS, () -> {
                if (cloud.function().killOne()) {
                    kills.incrementAndGet();
                }
            });
        }
    }

    /** No more kills and test events; calls to DynamoDB go on to fail until the end. */
    void uploadsAreOver() {
        uploading = false;
    }

    /** Whether every duplicate is under way. */
    boolean isSettled() {
        return duplicatesToCome.get() == 0;
    }

    int duplicates() {
        return duplicates.get();
    }

    int testEvents() {
        return testEvents.get();
    }

    int kills() {
        return kills.get();
    }

    private void duplicateSome(UploadedObject upload) {
        if (random.nextDouble() < DUPLICATED) {
            duplicatesToCome.incrementAndGet();
            String event = BucketEvents.objectCreated(upload, LocalCloud.REGION, "duplicate");
            scheduler.schedule(
                    () -> {
                        cloud.topic(cloud.outputs().get("TopicArn")).publish(event);
                        duplicates.incrementAndGet();
                        duplicatesToCome.decrementAndGet();
                    },
                    random.nextInt(LATEST_DUPLICATE_MILLIS),
                    TimeUnit.MILLISECONDS);
        }
    }

    private void every(int milliseconds, Runnable trouble) {
        scheduler.scheduleAtFixedRate(
                () -> {
                    if (uploading) {
                        trouble.run();
                    }
                },
                milliseconds,
                milliseconds,
                TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        scheduler.shutdownNow();
    }
}
