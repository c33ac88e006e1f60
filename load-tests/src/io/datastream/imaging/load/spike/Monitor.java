package io.datastream.imaging.load.spike;

import io.datastream.imaging.local.Fault;
import io.datastream.imaging.local.LocalCloud;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Looks at the pipeline twice a second, and goes on when a look fails. */
final class Monitor implements AutoCloseable {

    /**
     * One look.
     *
     * @param running functions at work; 0 on a deployed stack, which shows it only in CloudWatch, as the counts below
     * @param batchWriteCalls so far
     * @param throttledCalls so far
     * @param partialCalls answered with unprocessed items, so far
     */
    record Sample(
            Instant time,
            QueueDepth queue,
            int running,
            long batchWriteCalls,
            long throttledCalls,
            long partialCalls) {}

    private static final int INTERVAL_MILLIS = 500;

    private final PipelineUnderLoad pipeline;
    private final Optional<LocalCloud> cloud;
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("monitor").factory());
    private final List<Sample> samples = new ArrayList<>();

    Monitor(PipelineUnderLoad pipeline, Optional<LocalCloud> cloud) {
        this.pipeline = pipeline;
        this.cloud = cloud;
    }

    void begin() {
        scheduler.scheduleAtFixedRate(this::look, 0, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            QueueDepth queue = pipeline.queue();
            Sample sample = new Sample(
                    Instant.now(),
                    queue,
                    cloud.map(it -> it.function().running()).orElse(0),
                    cloud.map(it -> it.dynamoDbFaults().calls("BatchWriteItem")).orElse(0L),
                    cloud.map(it -> it.dynamoDbFaults().injected(Fault.THROTTLED))
                            .orElse(0L),
                    cloud.map(it -> it.dynamoDbFaults().injected(Fault.UNPROCESSED_ITEMS))
                            .orElse(0L));
            synchronized (samples) {
                samples.add(sample);
            }
        } catch (RuntimeException unanswered) {
            // A gap in the plot says so.
        }
    }

    List<Sample> samples() {
        synchronized (samples) {
            return List.copyOf(samples);
        }
    }

    @Override
    public void close() {
        scheduler.shutdownNow();
    }
}
