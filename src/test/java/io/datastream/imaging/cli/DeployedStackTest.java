package io.datastream.imaging.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeployedStackTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                DeployedStack.DEAD_LETTER_QUEUE_URL,
                DeployedStack.QUEUE_URL,
                DeployedStack.TABLE_NAME,
                DeployedStack.FUNCTION_NAME,
                DeployedStack.FUNCTION_ALIAS_ARN,
                DeployedStack.EVENT_SOURCE_ID
            })
    void theTemplateHasEachOutput(String output) throws IOException {
        String template = Files.readString(Path.of("cloudformation/pipeline.yaml"));

        assertThat(template.substring(template.indexOf("\nOutputs:"))).contains("\n  " + output + ":\n");
        assertThat(template).contains("\n          PATIENT_ID_PATTERN:");
    }
}
