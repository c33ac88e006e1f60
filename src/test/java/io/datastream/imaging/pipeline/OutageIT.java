package io.datastream.imaging.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.datastream.imaging.local.CloudSettings;
import io.datastream.imaging.local.Fault;
import io.datastream.imaging.local.FaultProxy;
import io.datastream.imaging.local.FunctionCode;
import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.local.template.Template;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A part fails for a while in mid-run. Afterwards every upload has exactly its record, and the DLQ is empty. */
class OutageIT {

    private static final int UPLOADS = 60;
    private static final Duration AFTERWARDS = Duration.ofSeconds(90);

    private LocalCloud cloud;
    private PipelineUnderTest pipeline;

    @BeforeEach
    void start() {
        cloud = LocalCloud.start(CloudSettings.of(
                        Template.read(Path.of("cloudformation/pipeline.yaml")),
                        new FunctionCode.Jar(Path.of("target/ingest-function.jar")))
                .withParameter("FunctionTimeout", 2)
                .withParameter("MaximumReceiveCount", 5));
        pipeline = PipelineUnderTest.of(cloud);
        pipeline.uploadMany("before", UPLOADS);
    }

    @AfterEach
    void stop() {
        cloud.close();
    }

    @ParameterizedTest
    @CsvSource({
        "REFUSED, 1, 20",
        "THROTTLED, 1, 20",
        "UNPROCESSED_ITEMS, 1, 20",
        "ANSWER_LOST, 1, 10",
        "THROTTLED, 0.5, 20",
        "ANSWER_LOST, 0.5, 10",
    })
    void dynamoDbFails(Fault fault, double probability, int times) {
        failFor(cloud.dynamoDbFaults(), fault, probability, times);
    }

    @ParameterizedTest
    @CsvSource({"REFUSED, 1, 20", "THROTTLED, 1, 20", "ANSWER_LOST, 0.3, 10"})
    void sqsFails(Fault fault, double probability, int times) {
        failFor(cloud.sqsFaults(), fault, probability, times);
    }

    @Test
    void theFunctionIsKilledInMidBatch() {
        FaultProxy dynamoDb = cloud.dynamoDbFaults();
        // Writes succeed, but no answer comes: the function is busy with the batch when it is killed.
        dynamoDb.inject(Fault.ANSWER_LOST, 1);
        pipeline.uploadMany("during", UPLOADS);
        for (int kills = 0; kills < 3; kills++) {
            long calls = dynamoDb.calls("BatchWriteItem");
            await().atMost(AFTERWARDS).until(() -> dynamoDb.calls("BatchWriteItem") > calls);
            assertThat(cloud.function().killOne()).isTrue();
        }
        dynamoDb.heal();

        finish();
        assertThat(cloud.function().errors()).isPositive();
    }

    /** Uploads go on until the fault has struck often enough; then it is over. */
    private void failFor(FaultProxy service, Fault fault, double probability, int times) {
        service.inject(fault, probability);
        AtomicInteger uploads = new AtomicInteger();
        await().atMost(AFTERWARDS).until(() -> {
            pipeline.uploadMany("during-" + uploads.incrementAndGet(), 5);
            return service.injected(fault) >= times;
        });
        service.heal();

        finish();
    }

    private void finish() {
        pipeline.uploadMany("after", UPLOADS);
        pipeline.awaitAllRecorded(AFTERWARDS);
        pipeline.awaitNothingLeft(AFTERWARDS);
        pipeline.checkNoOtherRecords();
    }
}
