package io.datastream.imaging.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.datastream.imaging.deadletter.Cancellation;
import io.datastream.imaging.deadletter.Queue;
import io.datastream.imaging.deadletter.Retries;
import io.datastream.imaging.local.template.PropertyMap;
import io.datastream.imaging.local.template.Resource;
import io.datastream.imaging.local.template.Stack;
import io.datastream.imaging.local.template.StackSettings;
import io.datastream.imaging.local.template.Template;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.DescribeAlarmsRequest;
import software.amazon.awssdk.services.cloudwatch.model.DescribeAlarmsResponse;
import software.amazon.awssdk.services.cloudwatch.model.MetricAlarm;
import software.amazon.awssdk.services.cloudwatch.model.StateValue;
import software.amazon.awssdk.services.cloudwatch.paginators.DescribeAlarmsIterable;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.GetEventSourceMappingRequest;
import software.amazon.awssdk.services.lambda.model.GetEventSourceMappingResponse;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesRequest;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesResponse;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

class PipelineStatusTest {

    private static final List<Resource> ALARMS = stack().resources("AWS::CloudWatch::Alarm");

    private final Map<String, long[]> depths = new HashMap<>();
    private final Map<String, MetricAlarm> alarms = new HashMap<>();
    private String eventSourceState = "Enabled";
    private boolean cloudWatchAnswers = true;
    private Optional<String> stackName = Optional.of("imaging");

    PipelineStatusTest() {
        for (Resource alarm : ALARMS) {
            String name = alarm.properties().requiredText("AlarmName");
            alarms.put(
                    name,
                    MetricAlarm.builder()
                            .alarmName(name)
                            .stateValue(StateValue.OK)
                            .actionsEnabled(true)
                            .build());
        }
    }

    private static Stack stack() {
        return Template.read(Path.of("cloudformation/pipeline.yaml"))
                .instantiate(new StackSettings(
                        "imaging",
                        "us-east-1",
                        "123456789012",
                        URI.create("https://sqs.us-east-1.amazonaws.com"),
                        Map.of("SilenceAlarmSeconds", "3600")));
    }

    static Stream<Resource> alarmsOfTheTemplate() {
        return ALARMS.stream();
    }

    @Test
    void everyAlarmOfTheTemplateIsWatchedAndNoOther() {
        assertThat(Arrays.stream(WatchedAlarm.values()).map(alarm -> "imaging-" + alarm.suffix()))
                .containsExactlyInAnyOrderElementsOf(ALARMS.stream()
                        .map(alarm -> alarm.properties().requiredText("AlarmName"))
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("alarmsOfTheTemplate")
    void aWatchedAlarmHasTheMetricsAndTheThresholdOfTheTemplate(Resource alarm) {
        PropertyMap properties = alarm.properties();
        WatchedAlarm watched = Arrays.stream(WatchedAlarm.values())
                .filter(one -> ("imaging-" + one.suffix()).equals(properties.requiredText("AlarmName")))
                .findFirst()
                .orElseThrow();

        assertThat(metrics(properties)).containsExactly(watched.metric());
        assertThat(watched.condition())
                .endsWith(" " + sign(properties.requiredText("ComparisonOperator")) + " "
                        + properties.requiredText("Threshold"));
        assertThat(watched.isOptional()).isEqualTo(alarm.attributes().contains("Condition"));
    }

    private static List<String> metrics(PropertyMap properties) {
        if (properties.contains("MetricName")) {
            return List.of(properties.requiredText("Namespace") + " " + properties.requiredText("MetricName"));
        }
        return properties.objects("Metrics").stream()
                .flatMap(metric -> metric.object("MetricStat").stream())
                .map(stat -> stat.object("Metric").orElseThrow())
                .map(metric -> metric.requiredText("Namespace") + " " + metric.requiredText("MetricName"))
                .distinct()
                .toList();
    }

    private static String sign(String operator) {
        return switch (operator) {
            case "GreaterThanThreshold" -> ">";
            case "GreaterThanOrEqualToThreshold" -> ">=";
            case "LessThanThreshold" -> "<";
            default -> throw new IllegalArgumentException(operator);
        };
    }

    @Test
    void aPipelineIsHealthyIfEveryLineIsOk() {
        List<Check> checks = read();

        assertThat(checks).allMatch(check -> check.state() == Check.State.OK);
        assertThat(checks)
                .extracting(Check::name)
                .startsWith("queue", "event source", "dead-letter queue", "undelivered queue")
                .contains("alarm oldest-message", "alarm unwritten", "alarm silence")
                .hasSize(4 + ALARMS.size());
    }

    @ParameterizedTest
    @EnumSource(WatchedAlarm.class)
    void anAlarmThatIsOnIsAProblemWithItsReasonAndItsSection(WatchedAlarm watched) {
        state(watched, StateValue.ALARM, "Threshold crossed: 7.0.");

        assertThat(only(read()))
                .isEqualTo(new Check(
                        "alarm " + watched.suffix(),
                        Check.State.PROBLEM,
                        watched.condition() + ". Threshold crossed: 7.0. See cloudformation/RUNBOOK.md, alarm-"
                                + watched.suffix()));
    }

    @Test
    void anAlarmWithoutDataIsUnknownAndNotHealthy() {
        state(WatchedAlarm.UNWRITTEN, StateValue.INSUFFICIENT_DATA, "No data.");

        assertThat(only(read()).state()).isEqualTo(Check.State.UNKNOWN);
    }

    @Test
    void anAlarmThatInformsNobodyIsAProblem() {
        alarms.computeIfPresent(
                "imaging-latency",
                (name, alarm) -> alarm.toBuilder().actionsEnabled(false).build());

        assertThat(only(read()).text()).contains("sends no notification");
    }

    @Test
    void anAlarmThatSomebodyDeletedIsAProblem() {
        alarms.remove("imaging-oldest-message");

        assertThat(only(read())).extracting(Check::state).isEqualTo(Check.State.PROBLEM);
    }

    @Test
    void aStackWithoutTheSilenceAlarmIsHealthy() {
        alarms.remove("imaging-silence");

        assertThat(read()).hasSize(3 + ALARMS.size()).allMatch(check -> check.state() == Check.State.OK);
    }

    @Test
    void anotherAlarmOfTheStackIsALineToo() {
        alarms.put(
                "imaging-by-hand",
                MetricAlarm.builder()
                        .alarmName("imaging-by-hand")
                        .stateValue(StateValue.ALARM)
                        .stateReason("Why.")
                        .build());

        assertThat(only(read()).name()).isEqualTo("alarm by-hand");
    }

    @Test
    void withoutCloudWatchEveryAlarmIsUnknown() {
        cloudWatchAnswers = false;

        List<Check> checks = read();

        assertThat(checks.stream().filter(check -> check.state() == Check.State.UNKNOWN))
                .hasSize(ALARMS.size() - 2)
                .allMatch(check -> check.text().endsWith("? no answer"));
    }

    @Test
    void withoutAStackAlarmsAndEventSourceAreUnknown() {
        stackName = Optional.empty();

        assertThat(read().stream().filter(check -> check.state() == Check.State.UNKNOWN))
                .hasSize(ALARMS.size() - 2)
                .allMatch(check -> check.text().contains("--stack"));
    }

    @ParameterizedTest
    @CsvSource({"dead-letter queue, dlq, 7, 0", "dead-letter queue, dlq, 0, 60", "undelivered queue, undelivered, 7, 0"
    })
    void aMessageWhereNoneShouldBeIsAProblemEvenIfItIsLeased(String name, String url, long visible, long inFlight) {
        depths.put(url, new long[] {visible, inFlight});

        Check check = only(read());

        assertThat(check.name()).isEqualTo(name);
        assertThat(check.state()).isEqualTo(Check.State.PROBLEM);
        assertThat(check.text()).contains("about " + visible + " waiting, " + inFlight + " in flight");
    }

    @Test
    void aQueueThatDoesNotAnswerIsUnknown() {
        depths.put("undelivered", null);

        assertThat(only(read())).isEqualTo(new Check("undelivered queue", Check.State.UNKNOWN, "no answer"));
    }

    @ParameterizedTest
    @CsvSource({"Disabled", "Disabling", "Creating"})
    void anEventSourceThatIsNotEnabledIsAProblem(String state) {
        eventSourceState = state;

        Check check = only(read());

        assertThat(check.name()).isEqualTo("event source");
        assertThat(check.text()).startsWith(state + ": ");
    }

    private void state(WatchedAlarm watched, StateValue state, String reason) {
        alarms.computeIfPresent(
                "imaging-" + watched.suffix(),
                (name, alarm) ->
                        alarm.toBuilder().stateValue(state).stateReason(reason).build());
    }

    private static Check only(List<Check> checks) {
        List<Check> notOk =
                checks.stream().filter(check -> check.state() != Check.State.OK).toList();
        assertThat(notOk).hasSize(1);
        return notOk.getFirst();
    }

    private List<Check> read() {
        Cancellation cancellation = new Cancellation();
        Retries retries = new Retries(cancellation, InstantSource.system(), new Random(1));
        return new PipelineStatus(
                        new Queue(sqs, "queue", retries),
                        new Queue(sqs, "dlq", retries),
                        Optional.of(new Queue(sqs, "undelivered", retries)),
                        Optional.of("source"),
                        stackName,
                        failure -> "no answer")
                .read(() -> lambda, () -> cloudWatch);
    }

    private final SqsClient sqs = new SqsClient() {
        @Override
        public GetQueueAttributesResponse getQueueAttributes(GetQueueAttributesRequest request) {
            long[] depth = depths.getOrDefault(request.queueUrl(), new long[] {0, 0});
            if (depth == null) {
                throw SdkClientException.create("refused");
            }
            return GetQueueAttributesResponse.builder()
                    .attributes(Map.of(
                            QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                            Long.toString(depth[0]),
                            QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE,
                            Long.toString(depth[1])))
                    .build();
        }

        @Override
        public String serviceName() {
            return "sqs";
        }

        @Override
        public void close() {}
    };

    private final LambdaClient lambda = new LambdaClient() {
        @Override
        public GetEventSourceMappingResponse getEventSourceMapping(GetEventSourceMappingRequest request) {
            return GetEventSourceMappingResponse.builder()
                    .state(eventSourceState)
                    .build();
        }

        @Override
        public String serviceName() {
            return "lambda";
        }

        @Override
        public void close() {}
    };

    private final CloudWatchClient cloudWatch = new CloudWatchClient() {
        @Override
        public DescribeAlarmsResponse describeAlarms(DescribeAlarmsRequest request) {
            if (!cloudWatchAnswers) {
                throw SdkClientException.create("refused");
            }
            return DescribeAlarmsResponse.builder()
                    .metricAlarms(new ArrayList<>(alarms.values()))
                    .build();
        }

        @Override
        public DescribeAlarmsIterable describeAlarmsPaginator(DescribeAlarmsRequest request) {
            return new DescribeAlarmsIterable(this, request);
        }

        @Override
        public String serviceName() {
            return "cloudwatch";
        }

        @Override
        public void close() {}
    };
}
