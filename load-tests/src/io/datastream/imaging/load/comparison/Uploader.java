package io.datastream.imaging.load.comparison;

import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.local.UploadedObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.core.sync.RequestBody;

/** Uploads made-up files at a rate, whether or not earlier ones have a response, and calls every variant with each. */
final class Uploader {

    /** An upload and S3's time of it. */
    record Stored(LimitedTable.Version version, Instant time) {}

    private static final int BYTES = 1_024;
    private static final long SEED = 1;

    private final LocalCloud cloud;
    private final Executor threads = Executors.newVirtualThreadPerTaskExecutor();
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final Queue<Stored> stored = new ConcurrentLinkedQueue<>();

    Uploader(LocalCloud cloud, List<Variant> variants) {
        this.cloud = cloud;
        cloud.onUpload((upload, notified) -> {
            stored.add(stored(upload));
            variants.forEach(variant -> variant.uploaded(upload));
        });
    }

    private static Stored stored(UploadedObject upload) {
        return new Stored(new LimitedTable.Version(upload.key(), upload.eTag()), upload.time());
    }

    /**
     * Uploads and returns when all is stored.
     *
     * @param again the part of uploads that go to the key of the one before, up to 1
     */
    List<Stored> upload(String folder, int uploads, double perSecond, double again) {
        List<CompletableFuture<Void>> puts = new ArrayList<>();
        int file = 0;
        for (int number = 0; number < uploads; number++) {
            file = number > 0 && random.nextDouble() < again ? file : number;
            String key = "%s/patient-%05d_%06d.dcm".formatted(folder, file % 100, file);
            byte[] content = new byte[BYTES];
            random.nextBytes(content);
            Executor later = CompletableFuture.delayedExecutor(
                    (long) (number / perSecond * 1_000), TimeUnit.MILLISECONDS, threads);
            puts.add(CompletableFuture.runAsync(() -> put(key, content), later));
        }
        puts.forEach(CompletableFuture::join);
        List<Stored> these = new ArrayList<>();
        for (Stored next = stored.poll(); next != null; next = stored.poll()) {
            these.add(next);
        }
        return these;
    }

    private void put(String key, byte[] content) {
        cloud.s3()
                .putObject(
                        put -> put.bucket(cloud.outputs().get("BucketName")).key(key), RequestBody.fromBytes(content));
    }
}
