package io.datastream.imaging.pipeline;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips a class where no Docker engine answers. LocalStack's own extension would throw there. */
final class DockerCondition implements ExecutionCondition {

    private static final int PATIENCE_SECONDS = 10;

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        try {
            Process docker = new ProcessBuilder("docker", "info")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!docker.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                docker.destroyForcibly();
                return skipped("docker info did not answer within " + PATIENCE_SECONDS + " s");
            }
            return docker.exitValue() == 0
                    ? ConditionEvaluationResult.enabled("a Docker engine answers")
                    : skipped("docker info ended with exit code " + docker.exitValue());
        } catch (IOException notInstalled) {
            return skipped("there is no command docker");
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return skipped("interrupted");
        }
    }

    private static ConditionEvaluationResult skipped(String reason) {
        return ConditionEvaluationResult.disabled("LocalStack needs a Docker engine, and none answers: " + reason);
    }
}
