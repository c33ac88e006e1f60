package io.datastream.imaging.cloudformation;

import static org.assertj.core.api.Assertions.assertThat;

import io.datastream.imaging.local.template.Template;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PreflightTest {
    private static final Template TEMPLATE = Pipeline.template();

    private static final Map<String, List<String>> CHOICES = new TreeMap<>(Map.of(
            "BucketRoute", List.of("new", "existing-notification", "existing-eventbridge"),
            "TableSource", List.of("new", "existing"),
            "KeyArn", List.of("", "arn:aws:kms:eu-central-1:123456789012:key/1234abcd"),
            "PublishVersions", List.of("true", "false"),
            "ReserveConcurrency", List.of("true", "false"),
            "AlarmEmail", List.of("", "on-call@example.org"),
            "AlarmTopicArn", List.of("", "arn:aws:sns:eu-central-1:123456789012:pager"),
            "SilenceAlarmSeconds", List.of("0", "3600"),
            "WarmWritesPerSecond", List.of("0", "10000")));

    private static final Map<String, List<String>> TIMES = new TreeMap<>(Map.of(
            "FunctionTimeout", List.of("2", "5", "10", "20", "30", "60"), "BatchingWindow", List.of("1", "2", "5")));

    private static final Map<String, List<String>> EXTRAS = new TreeMap<>(Map.of(
            "Tracing", List.of("true", "false"),
            "OperatorPolicies", List.of("true", "false"),
            "PublishVersions", List.of("true", "false"),
            "BucketRoute", List.of("new", "existing-eventbridge"),
            "KeyArn", List.of("", "arn:aws:kms:eu-central-1:123456789012:key/1234abcd")));

    private static final Map<String, List<String>> RECONCILIATION = new TreeMap<>(Map.of(
            "ReconcileMode", List.of("off", "report", "repair"),
            "NoInventoryAlarm", List.of("true", "false"),
            "BucketRoute", List.of("new", "existing-notification", "existing-eventbridge"),
            "PublishVersions", List.of("true", "false"),
            "OperatorPolicies", List.of("true", "false")));

    private static final List<Pipeline> PIPELINES = Stream.of(CHOICES, TIMES, EXTRAS, RECONCILIATION)
            .flatMap(choices -> combinations(choices).stream())
            .map(parameters -> Pipeline.of(TEMPLATE, parameters))
            .toList();

    @ParameterizedTest
    @MethodSource("rules")
    void theTemplateKeepsTheRuleHoweverItIsDeployed(PreflightRule rule) {
        assertThat(PIPELINES)
                .allSatisfy(pipeline -> assertThat(rule.violations(pipeline)).isEmpty());
    }

    static List<PreflightRule> rules() {
        return PreflightRule.all();
    }

    private static List<Map<String, String>> combinations(Map<String, List<String>> choices) {
        List<Map<String, String>> combinations = List.of(Map.of());
        for (Map.Entry<String, List<String>> choice : choices.entrySet()) {
            List<Map<String, String>> longer = new ArrayList<>();
            for (Map<String, String> combination : combinations) {
                for (String value : choice.getValue()) {
                    Map<String, String> next = new TreeMap<>(combination);
                    next.put(choice.getKey(), value);
                    longer.add(next);
                }
            }
            combinations = longer;
        }
        return combinations;
    }
}
