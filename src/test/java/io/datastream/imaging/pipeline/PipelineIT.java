package io.datastream.imaging.pipeline;

import io.datastream.imaging.local.CloudSettings;
import io.datastream.imaging.local.FunctionCode;
import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.local.template.Template;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * The jar that ships under Lambda's runtime, with the template's wiring, on the embedded cloud.
 *
 * <p>With the property {@code pipeline.outputs}: a pipeline that is deployed already. With {@code endpoint} alone: the
 * template is deployed to that emulator first. See {@link StackOnEndpoint} for {@code function}.
 */
@ResourceLock("functions with a short timeout")
class PipelineIT extends PipelineContract {

    private static final @Nullable String OUTPUTS = System.getProperty("pipeline.outputs");

    private static @Nullable LocalCloud cloud;
    private static @Nullable StackOnEndpoint stack;

    /** Messages reappear as soon as the function's timeout allows it, so that a dead letter is one within seconds. */
    @BeforeAll
    static void start() throws IOException {
        if (OUTPUTS != null) {
            return;
        }
        if (Endpoint.ofProperty().uri() != null) {
            stack = StackOnEndpoint.deployAndComplete(Endpoint.ofProperty());
            return;
        }
        cloud = LocalCloud.start(CloudSettings.of(
                        Template.read(Path.of("cloudformation/pipeline.yaml"))
                                .with("Resources.Function.Properties.Timeout", 6)
                                .with("Resources.Queue.Properties.VisibilityTimeout", 6),
                        new FunctionCode.Jar(Path.of("target/ingest-function.jar")))
                .withParameter("MaximumReceiveCount", 4));
    }

    @AfterAll
    static void stop() {
        if (cloud != null) {
            cloud.close();
        }
        if (stack != null) {
            stack.close();
        }
    }

    @Override
    PipelineUnderTest connect() throws IOException {
        if (cloud != null) {
            return PipelineUnderTest.of(cloud);
        }
        return stack == null
                ? PipelineUnderTest.deployed(Path.of(OUTPUTS))
                : PipelineUnderTest.at(Endpoint.ofProperty(), stack.outputs());
    }

    @Override
    void pauseDelivery() {
        if (cloud != null) {
            cloud.eventSource().pause();
        }
    }

    @Override
    void resumeDelivery() {
        if (cloud != null) {
            cloud.eventSource().resume();
        }
    }
}
