package io.datastream.imaging.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a user of the pipeline sees, on whatever cloud it is deployed. */
abstract class PipelineContract {

    /** Also where a cold start takes several tries. */
    private static final Duration SOON = Duration.ofSeconds(60);

    /** Five tries, and the visibility timeout of the template between them. */
    private static final Duration UNTIL_DEAD = Duration.ofSeconds(240);

    private PipelineUnderTest pipeline;

    /** The deployed pipeline. */
    abstract PipelineUnderTest connect() throws IOException;

    /** Keeps messages in the queue, so that the next ones are in one batch, where the cloud can. */
    void pauseDelivery() {}

    /** Ends the pause. */
    void resumeDelivery() {}

    @BeforeEach
    void open() throws IOException {
        pipeline = connect();
    }

    @AfterEach
    void cleanUp() {
        pipeline.cleanUp();
    }

    @Test
    void anUploadOfAnyNameAndSizeBecomesItsRecord() {
        pipeline.uploadToRoot("patient-0001", "0001");
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
        pauseDelivery();
        pipeline.uploadMany("before", 20);
        pipeline.uploadUnrecorded("scan-without-patient.dcm");
        pipeline.uploadMany("after", 20);
        resumeDelivery();

        pipeline.awaitAllRecorded(SOON);
        assertThat(pipeline.awaitDeadLetter(UNTIL_DEAD)).contains("scan-without-patient.dcm");
        pipeline.awaitNothingLeft(SOON);
    }

    @Test
    void aNameThatNoFilterNotifiesIsNoUpload() {
        pipeline.uploadUnrecorded("patient-0001.Dcm");
        pipeline.uploadUnrecorded("patient-0001.txt");
        pipeline.upload("patient-0002.dcm", "0002");

        pipeline.awaitAllRecorded(SOON);
        pipeline.awaitNothingLeft(SOON);
        pipeline.checkNoRecord("patient-0001.Dcm");
        pipeline.checkNoRecord("patient-0001.txt");
    }
}
