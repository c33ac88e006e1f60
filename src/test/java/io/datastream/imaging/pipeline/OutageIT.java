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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A service fails for a while during a run. Afterwards every upload has exactly its record, and the DLQ is empty. */
@ResourceLock("functions with a short timeout")
class OutageIT {

    private static final int UPLOADS = 60;
    private static final Duration AFTERWARDS = Duration.ofSeconds(90);

    private static LocalCloud cloud;
    private PipelineUnderTest pipeline;

    /** Messages reappear as soon as the function's timeout allows it, so that the tests wait less. */
    @BeforeAll
    static void start() {
        cloud = LocalCloud.start(CloudSettings.of(
                        Template.read(Path.of("cloudformation/pipeline.yaml"))
                                .with("Resources.Function.Properties.Timeout", 6)
                                .with("Resources.Queue.Properties.VisibilityTimeout", 6),
                        new FunctionCode.Jar(Path.of("target/ingest-function.jar")))
                .withParameter("MaximumReceiveCount", 10));
    }

    @AfterAll
    static void stop() {
        cloud.close();
    }

    @BeforeEach
    void uploadBefore() {
        pipeline = PipelineUnderTest.of(cloud);
        pipeline.uploadMany("before", UPLOADS);
    }

    @AfterEach
    void heal() {
        cloud.dynamoDbFaults().heal();
        cloud.sqsFaults().heal();
    }

    @ParameterizedTest
    @CsvSource({
        "REFUSED, 1, 20",
        "THROTTLED, 1, 20",
        "UNPROCESSED_ITEMS, 1, 20",
        "ANSWER_LOST, 1, 10",
        "THROTTLED, 0.5, 8",
        "ANSWER_LOST, 0.5, 5",
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
        long errors = cloud.function().errors();
        // Writes succeed, but no answer comes: the function is busy with the batch when it is killed.
        dynamoDb.inject(Fault.ANSWER_LOST, 1);
        pipeline.uploadMany("during", UPLOADS);
        for (int kills = 0; kills < 3; kills++) {
            long calls = dynamoDb.calls("BatchWriteItem");
            await().atMost(AFTERWARDS).until(() -> dynamoDb.calls("BatchWriteItem") > calls);
            // The one that made the call may just have reached its deadline.
            await().atMost(AFTERWARDS).until(cloud.function()::killOne);
        }
        dynamoDb.heal();

        finish();
        assertThat(cloud.function().errors()).isGreaterThan(errors);
    }

    /** Uploads until so many calls have failed; then the service works again. */
    private void failFor(FaultProxy service, Fault fault, double probability, int times) {
        long before = service.injected(fault);
        service.inject(fault, probability);
        AtomicInteger uploads = new AtomicInteger();
        await().atMost(AFTERWARDS).until(() -> {
            pipeline.uploadMany("during-" + uploads.incrementAndGet(), 5);
            return service.injected(fault) - before >= times;
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
