package io.datastream.imaging.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.PatientIdPattern;
import java.io.IOException;
import org.crac.Core;
import org.junit.jupiter.api.Test;

class SnapshotPrimingTest {

    @Test
    void writesOneUploadWithoutRegionEndpointOrCredentialsOfTheMachine() {
        SnapshotPriming priming = SnapshotPriming.register();

        priming.beforeCheckpoint(Core.getGlobalContext());

        assertThat(priming.calls()).isEqualTo(1);
    }

    /** As in production: another envelope would leave other classes unloaded. */
    @Test
    void theUploadIsAnS3EventInAnSnsEnvelope() throws IOException {
        assertThat(new ObjectMapper()
                        .readTree(SnapshotPriming.UPLOAD)
                        .get("Type")
                        .asText())
                .isEqualTo("Notification");
        assertThat(new MessageReader(PatientIdPattern.compile(PatientIdPattern.DEFAULT))
                        .read(SnapshotPriming.UPLOAD)
                        .uploads())
                .hasSize(1);
    }
}
