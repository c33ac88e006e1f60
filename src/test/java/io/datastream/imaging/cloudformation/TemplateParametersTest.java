package io.datastream.imaging.cloudformation;

import static io.datastream.imaging.cloudformation.Pipeline.INGEST;
import static io.datastream.imaging.cloudformation.Pipeline.RECONCILE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datastream.imaging.cloudformation.Pipeline.QueuedFunction;
import io.datastream.imaging.local.template.Template;
import io.datastream.imaging.local.template.TemplateException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemplateParametersTest {
    private static final Template TEMPLATE = Pipeline.template();

    @ParameterizedTest
    @CsvSource({
        "Release, second",
        "FunctionTimeout, 30",
        "TableName, OtherTable",
        "PatientIdPattern, '(?<patientId>[A-Z]+)\\.dcm'",
        "MaximumConcurrency, 20",
        "ReserveConcurrency, true",
        "BucketName, another-bucket",
        "BucketRoute, existing-eventbridge",
        "TableSource, existing",
        "KeyArn, arn:aws:kms:eu-central-1:123456789012:key/1234abcd",
        "BatchSize, 10",
        "BatchingWindow, 5",
        "EventSourceEnabled, false",
        "LatencyTarget, 9000",
        "Tracing, true",
        "OperatorPolicies, true",
        "ReconcileMode, report",
        "ReconcileMode, 'off'",
        "ReconcileCutOffSeconds, 3600",
        "MaximumRepairs, 5",
        "NoInventoryAlarm, false",
    })
    void whatChangesAFunctionPublishesAVersionOfIt(String parameter, String value) {
        Pipeline before = Pipeline.of(TEMPLATE, Map.of());
        Pipeline after = Pipeline.of(TEMPLATE, Map.of(parameter, value));

        boolean changed = !versionedConfiguration(before, INGEST).equals(versionedConfiguration(after, INGEST));
        boolean published = !description(before, INGEST).equals(description(after, INGEST));
        assertThat(published).as("a version is published").isEqualTo(changed);

        // Its variables and its version's description both contain the number of the first function's version.
        boolean otherChanged = published
                || !versionedConfiguration(before, RECONCILE).equals(versionedConfiguration(after, RECONCILE));
        boolean otherPublished = published || !description(before, RECONCILE).equals(description(after, RECONCILE));
        assertThat(otherPublished)
                .as("a version of the reconcile function is published")
                .isEqualTo(otherChanged);
    }

    @Test
    void theReconcileFunctionsVersionContainsTheNumberOfTheFirstFunctions() {
        assertThat(Pipeline.of(TEMPLATE, Map.of()).stack().dependencies("ReconcileFunction"))
                .contains("FunctionVersion");
        assertThat(Pipeline.of(TEMPLATE, Map.of()).variables(RECONCILE).requiredText("RELEASE"))
                .isEqualTo("first 1");
        assertThat(description(Pipeline.of(TEMPLATE, Map.of()), RECONCILE)).startsWith("first 1 ");
    }

    @Test
    void theLongestParametersFitIntoAVersionsDescription() {
        String pattern = "(?<patientId>" + "x".repeat(106) + ")";
        Pipeline pipeline = Pipeline.of(
                TEMPLATE,
                Map.of(
                        "Release",
                        "r".repeat(64),
                        "TableName",
                        "t".repeat(64),
                        "PatientIdPattern",
                        pattern,
                        "FunctionTimeout",
                        "60",
                        "Tracing",
                        "true"));
        assertThat(pattern).hasSize(120);
        assertThat(description(pipeline, INGEST)).hasSizeLessThanOrEqualTo(256);
        assertThat(description(
                        Pipeline.of(
                                TEMPLATE,
                                Map.of(
                                        "Release",
                                        "r".repeat(64),
                                        "BucketName",
                                        "b".repeat(63),
                                        "MaximumRepairs",
                                        "1000000",
                                        "ReconcileCutOffSeconds",
                                        "345600")),
                        RECONCILE))
                .hasSizeLessThanOrEqualTo(240); // leaves room for a version of more digits
    }

    @ParameterizedTest
    @CsvSource({
        "FunctionTimeout, 7",
        "BatchingWindow, 0",
        "MaximumReceiveCount, 2",
        "MaximumConcurrency, 1",
        "MaximumConcurrency, 1001",
        "BatchSize, 0",
        "BucketRoute, both",
        "KeyArn, alias/imaging",
        "PatientIdPattern, '[0-9]+'",
        "Release, 'has spaces'",
        "SilenceAlarmSeconds, 100000",
        "ReconcileMode, 'on'",
        "MaximumRepairs, -1",
        "ReconcileCutOffSeconds, 345601",
    })
    void refusesWhatCannotBe(String parameter, String value) {
        assertThatThrownBy(() -> Pipeline.of(TEMPLATE, Map.of(parameter, value)))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining(parameter);
    }

    @Test
    void reservesExactlyWhatThePollerMayUse() {
        Pipeline pipeline = Pipeline.of(TEMPLATE, Map.of("ReserveConcurrency", "true", "MaximumConcurrency", "37"));
        assertThat(pipeline.number("Function", "ReservedConcurrentExecutions")).isEqualTo(37);
        assertThat(pipeline.properties("EventSource")
                        .object("ScalingConfig")
                        .orElseThrow()
                        .integer("MaximumConcurrency"))
                .contains(37);
    }

    @Test
    void anExistingBucketHasOneRoute() {
        Pipeline notification = Pipeline.of(TEMPLATE, Map.of("BucketRoute", "existing-notification"));
        Pipeline eventBridge = Pipeline.of(TEMPLATE, Map.of("BucketRoute", "existing-eventbridge"));

        assertThat(notification.find("Bucket")).isEmpty();
        assertThat(notification.find("UploadRule")).isEmpty();
        assertThat(mayPublish(notification)).isTrue();

        assertThat(eventBridge.find("Bucket")).isEmpty();
        assertThat(eventBridge.properties("UploadRule").objects("Targets"))
                .singleElement()
                .satisfies(target -> assertThat(target.requiredText("Arn")).isEqualTo(eventBridge.arn("Topic")));
        assertThat(mayPublish(eventBridge)).isFalse();
    }

    private static boolean mayPublish(Pipeline pipeline) {
        return PolicyStatement.of(pipeline.resource("TopicPolicy"))
                .anyMatch(statement -> statement.services().contains("s3.amazonaws.com"));
    }

    /** Reserved concurrency belongs to the function, not to its versions. */
    private static Map<String, Object> versionedConfiguration(Pipeline pipeline, QueuedFunction queued) {
        Map<String, Object> configuration =
                new HashMap<>(pipeline.properties(queued.function()).asMap());
        configuration.remove("ReservedConcurrentExecutions");
        return configuration;
    }

    private static String description(Pipeline pipeline, QueuedFunction queued) {
        return pipeline.properties(queued.version()).requiredText("Description");
    }
}
