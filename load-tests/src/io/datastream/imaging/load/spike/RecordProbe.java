package io.datastream.imaging.load.spike;

import io.datastream.imaging.load.ledger.Upload;
import io.datastream.imaging.load.spike.InvocationLog.Arrival;
import io.datastream.imaging.metadata.RecordKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Reads the table of a deployed stack until the records of some uploads are there: its messages cannot be seen from
 * outside. A time that it measures is too long by less than the interval and one call.
 */
final class RecordProbe implements AutoCloseable {

    /** So many uploads give a p99 that ten of them exceed, and cost at most ten calls an interval. */
    private static final int SAMPLES = 1_000;

    private static final int KEYS_PER_CALL = 100;
    private static final int INTERVAL_MILLIS = 250;

    private final PipelineUnderLoad pipeline;
    private final int every;
    private final AtomicInteger uploads = new AtomicInteger();
    private final Map<RecordKey, Instant> waiting = new ConcurrentHashMap<>();
    private final Queue<Arrival> arrivals = new ConcurrentLinkedQueue<>();
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("record-probe").factory());

    /** @param uploads how many there will be */
    RecordProbe(PipelineUnderLoad pipeline, int uploads) {
        this.pipeline = pipeline;
        this.every = Math.ceilDiv(uploads, SAMPLES);
    }

    void begin() {
        scheduler.scheduleWithFixedDelay(this::look, 0, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
    }

    void acknowledged(Upload upload) {
        if (!upload.isPoison() && uploads.getAndIncrement() % every == 0) {
            waiting.put(upload.recordKey(), upload.acknowledged());
        }
    }

    private void look() {
        List<RecordKey> keys = new ArrayList<>(waiting.keySet());
        for (int first = 0; first < keys.size(); first += KEYS_PER_CALL) {
            try {
                Set<RecordKey> recorded =
                        pipeline.recorded(keys.subList(first, Math.min(keys.size(), first + KEYS_PER_CALL)));
                Instant now = Instant.now();
                recorded.forEach(key -> arrivals.add(new Arrival(waiting.remove(key), now)));
            } catch (RuntimeException unanswered) {
                // The next look finds them.
            }
        }
    }

    List<Arrival> arrivals() {
        return List.copyOf(arrivals);
    }

    @Override
    public void close() {
        scheduler.shutdownNow();
    }
}
