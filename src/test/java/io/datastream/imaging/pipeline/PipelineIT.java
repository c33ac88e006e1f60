package io.datastream.imaging.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.datastream.imaging.local.CloudSettings;
import io.datastream.imaging.local.FunctionCode;
import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.local.template.Template;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The jar that ships under Lambda's runtime, with the template's wiring; or, with the property {@code pipeline.outputs}, a
 * pipeline that is deployed to LocalStack, another emulator or an account.
 */
class PipelineIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    private static final @Nullable String OUTPUTS = System.getProperty("pipeline.outputs");

    private static @Nullable LocalCloud cloud;
    private PipelineUnderTest pipeline;

    /** Messages reappear as soon as the function's timeout allows it, so that a dead letter is one within seconds. */
    @BeforeAll
    static void start() {
        if (OUTPUTS == null) {
            cloud = LocalCloud.start(CloudSettings.of(
                            Template.read(Path.of("cloudformation/pipeline.yaml"))
                                    .with("Resources.Queue.Properties.VisibilityTimeout", 3),
                            new FunctionCode.Jar(Path.of("target/ingest-function.jar")))
                    .withParameter("FunctionTimeout", 2)
                    .withParameter("MaximumReceiveCount", 3));
        }
    }

    @BeforeEach
    void connect() throws IOException {
        pipeline = cloud == null ? PipelineUnderTest.deployed(Path.of(OUTPUTS)) : PipelineUnderTest.of(cloud);
    }

    @AfterAll
    static void stop() {
        if (cloud != null) {
            cloud.close();
        }
    }

    @Test
    void anUploadOfAnyNameAndSizeBecomesItsRecord() {
        pipeline.upload("patient-0001.dcm", "0001");
        pipeline.upload("ward 7/patient-0002_a b+c%20d.dcm", "0002");
        pipeline.upload("Größe/patient-0003_Übersicht 🩻.DCM", "0003");
        pipeline.upload("100%/patient-0004_(1)&x=y;z,~!'*.dcm", "0004");
        pipeline.upload("empty/patient-0005.dcm", "0005", new byte[0]);
        byte[] large = new byte[20 << 20];
        new Random(1).nextBytes(large);
        pipeline.uploadInParts("large/patient-0006.dcm", "0006", large);

        pipeline.awaitAllRecorded(SOON);
        pipeline.awaitNothingLeft(SOON);
    }

    @Test
    void everyVersionOfAKeyHasARecordOfItsOwn() {
        for (int version = 0; version < 5; version++) {
            pipeline.upload("patient-0001.dcm", "0001", new byte[version]);
        }

        pipeline.awaitAllRecorded(SOON);
    }

    @Test
    void aFileWithoutPatientIdEndsInTheDlqAloneAndAllOthersAreRecorded() {
        if (cloud != null) {
            cloud.eventSource().pause(); // so that all are in one batch
        }
        pipeline.uploadMany("before", 20);
        pipeline.uploadUnrecorded("scan-without-patient.dcm");
        pipeline.uploadMany("after", 20);
        if (cloud != null) {
            cloud.eventSource().resume();
        }

        pipeline.awaitAllRecorded(SOON);
        pipeline.awaitDeadLetters(1, Duration.ofSeconds(90));
        assertThat(pipeline.takeDeadLetters()).singleElement().asString().contains("scan-without-patient.dcm");
    }

    @Test
    void aNameThatNoFilterNotifiesIsNoUpload() {
        pipeline.uploadUnrecorded("patient-0001.Dcm");
        pipeline.uploadUnrecorded("patient-0001.txt");
        pipeline.upload("patient-0002.dcm", "0002");

        pipeline.awaitAllRecorded(SOON);
        pipeline.awaitNothingLeft(SOON);
    }
}
