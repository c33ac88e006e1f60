package io.datastream.imaging.pipeline;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datastream.imaging.ingest.IngestHandler;
import io.datastream.imaging.local.CloudSettings;
import io.datastream.imaging.local.FunctionCode;
import io.datastream.imaging.local.LocalClients;
import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.local.template.Template;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A mistake in the template's wiring breaks the local run, because the embedded cloud runs the template. */
@Execution(ExecutionMode.CONCURRENT)
class TemplateMutationIT {

    private static final String FILTERS =
            "Resources.Bucket.Properties.NotificationConfiguration.TopicConfigurations.%d.Filter.S3Key.Rules";

    private static final String PRINCIPAL = "Resources.%s.Properties.PolicyDocument.Statement.0%s.Principal";

    /** The shortest visibility timeout that AWS accepts, so that a message is in the DLQ within seconds. */
    private static Template template() {
        return Template.read(Path.of("cloudformation/pipeline.yaml"))
                .with("Resources.Queue.Properties.VisibilityTimeout", 2);
    }

    @Test
    void theTemplateAsItIsWorks() {
        assertThatCode(() -> uploadsBecomeRecordsAndDeadLetters(template(), Duration.ofSeconds(60)))
                .doesNotThrowAnyException();
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                Arguments.of("the subscription is missing", template().without("Resources.Subscription")),
                Arguments.of(
                        "the suffix is another",
                        template()
                                .with(
                                        FILTERS.formatted(0),
                                        java.util.List.of(Map.of("Name", "suffix", "Value", ".dicom")))),
                Arguments.of(
                        "partial batch responses are off",
                        template().without("Resources.EventSource.Properties.FunctionResponseTypes")),
                Arguments.of("the queue has no DLQ", template().without("Resources.Queue.Properties.RedrivePolicy")),
                Arguments.of(
                        "S3 may not publish",
                        template()
                                .with(
                                        PRINCIPAL.formatted("TopicPolicy", ".Fn::If.2"),
                                        Map.of("Service", "events.amazonaws.com"))),
                Arguments.of(
                        "the topic may not send",
                        template()
                                .with(
                                        PRINCIPAL.formatted("QueuePolicy", ""),
                                        Map.of("Service", "events.amazonaws.com"))),
                Arguments.of(
                        "the bucket has no notification",
                        template().without("Resources.Bucket.Properties.NotificationConfiguration")),
                Arguments.of(
                        "the function has another table's name",
                        template().with("Resources.Function.Properties.Environment.Variables.TABLE_NAME", "Other")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void mistakes(String mistake, Template template) {
        assertThatThrownBy(() -> uploadsBecomeRecordsAndDeadLetters(template, Duration.ofSeconds(6)))
                .isInstanceOf(ConditionTimeoutException.class);
    }

    @Test
    void aVisibilityTimeoutShorterThanTheFunctionsTimeoutIsRefusedAsByAws() {
        Template template = template().with("Resources.Queue.Properties.VisibilityTimeout", 1);

        assertThatThrownBy(() -> uploadsBecomeRecordsAndDeadLetters(template, Duration.ofSeconds(6)))
                .hasMessageContaining("Queue visibility timeout: 1 seconds is less than Function timeout: 2 seconds");
    }

    private static void uploadsBecomeRecordsAndDeadLetters(Template template, Duration patience) {
        FunctionCode inProcess = new FunctionCode.InProcess(environment -> new IngestHandler(
                environment, LocalClients.dynamoDb(URI.create(environment.get("AWS_ENDPOINT_URL_DYNAMODB")))));
        try (LocalCloud cloud = LocalCloud.start(CloudSettings.of(template, inProcess)
                .withParameter("FunctionTimeout", 2)
                .withParameter("MaximumReceiveCount", 3))) {
            PipelineUnderTest pipeline = PipelineUnderTest.of(cloud);
            pipeline.uploadUnrecorded("scan-without-patient.dcm");
            pipeline.upload("patient-0001.dcm", "0001");
            pipeline.upload("patient-0002.DCM", "0002");
            pipeline.awaitAllRecorded(patience);
            pipeline.awaitDeadLetters(1, patience.multipliedBy(2));
        }
    }
}
