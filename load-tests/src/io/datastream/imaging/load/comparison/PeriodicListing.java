package io.datastream.imaging.load.comparison;

import io.datastream.imaging.load.report.Usage;
import io.datastream.imaging.local.UploadedObject;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Once a minute: lists the bucket, writes what is newer than the last complete run. A run that meets an error ends there,
 * and the next begins anew. Runs do not overlap.
 */
final class PeriodicListing implements Variant {

    private static final long MINUTES_OF_A_MONTH = 43_200;
    private static final long HOURS_OF_A_MONTH = 720;
    private static final long KEYS_PER_PAGE = 1_000;
    private static final int WRITE_UNITS_PER_RECORD = 2;

    private final String name;
    private final boolean onAMachine;
    private final LimitedTable table;
    private final PutItem putItem;
    private final S3Client s3;
    private final String bucket;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("listing").factory());
    private final AtomicLong runs = new AtomicLong();
    private final AtomicLong nanoseconds = new AtomicLong();
    private final AtomicLong toFind = new AtomicLong();
    private Instant since = Instant.EPOCH;

    PeriodicListing(String name, boolean onAMachine, LimitedTable table, PutItem putItem, S3Client s3, String bucket) {
        this.name = name;
        this.onAMachine = onAMachine;
        this.table = table;
        this.putItem = putItem;
        this.s3 = s3;
        this.bucket = bucket;
        clock.scheduleAtFixedRate(this::run, 1, 1, TimeUnit.MINUTES);
    }

    private void run() {
        long begin = System.nanoTime();
        runs.incrementAndGet();
        // Times of a listing are whole seconds: look a little further back, writing again is harmless.
        Instant nextSince = Instant.now().minusSeconds(2);
        long uploadsBefore = toFind.get();
        try {
            for (S3Object object :
                    s3.listObjectsV2Paginator(list -> list.bucket(bucket)).contents()) {
                if (!object.lastModified().isBefore(since)) {
                    String eTag = object.eTag().replace("\"", "");
                    String uploadId = object.lastModified() + "#" + eTag;
                    putItem.write(bucket, object.key(), uploadId, eTag, object.size(), object.lastModified());
                }
            }
            since = nextSince;
            toFind.addAndGet(-uploadsBefore);
        } catch (RuntimeException nextTime) {
            // The next run looks for the same objects.
        } finally {
            nanoseconds.addAndGet(System.nanoTime() - begin);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public LimitedTable table() {
        return table;
    }

    @Override
    public void uploaded(UploadedObject upload) {
        toFind.incrementAndGet();
    }

    @Override
    public long pending() {
        return toFind.get();
    }

    @Override
    public long invocations() {
        return onAMachine ? 0 : runs.get();
    }

    @Override
    public double functionSeconds() {
        return nanoseconds.get() / 1e9;
    }

    /** The listings grow with the bucket: a million objects are a thousand pages, every minute. */
    @Override
    public Usage monthOfAMillion(long uploads, Scenario.Use use) {
        double scale = uploads / 1e6;
        double lists = MINUTES_OF_A_MONTH * (1e6 / KEYS_PER_PAGE) * scale;
        double writeUnits = (double) uploads * WRITE_UNITS_PER_RECORD;
        return onAMachine
                ? new Usage(uploads, 0, 0, 0, lists, 0, 0, writeUnits, HOURS_OF_A_MONTH * scale)
                : new Usage(uploads, 0, 0, 0, lists, MINUTES_OF_A_MONTH * scale, use.functionSeconds(), writeUnits, 0);
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
