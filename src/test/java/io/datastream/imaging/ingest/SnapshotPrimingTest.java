package io.datastream.imaging.ingest;

import static org.assertj.core.api.Assertions.assertThatNoException;

import org.crac.Core;
import org.junit.jupiter.api.Test;

class SnapshotPrimingTest {

    @Test
    void sendsAnUploadThroughTheWholeFunctionWithoutRegionEndpointOrCredentialsOfTheMachine() {
        SnapshotPriming priming = SnapshotPriming.register();

        assertThatNoException().isThrownBy(() -> priming.beforeCheckpoint(Core.getGlobalContext()));
    }
}
