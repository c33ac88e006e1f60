package io.datastream.imaging.cloudformation;

import static io.datastream.imaging.cloudformation.PreflightRule.*;
import static org.assertj.core.api.Assertions.assertThat;

import io.datastream.imaging.local.template.Template;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
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

    private static final List<Pipeline> PIPELINES = Stream.of(CHOICES, TIMES)
            .flatMap(choices -> combinations(choices).stream())
            .map(parameters -> Pipeline.of(TEMPLATE, parameters))
            .toList();

    /** A template in which something is wrong, and the rule that must say so. */
    private record Mutation(PreflightRule rule, String what, UnaryOperator<Template> change) {
        @Override
        public String toString() {
            return what + ": " + rule;
        }
    }

    @ParameterizedTest
    @EnumSource
    void theTemplateKeepsTheRuleHoweverItIsDeployed(PreflightRule rule) {
        assertThat(PIPELINES)
                .allSatisfy(pipeline -> assertThat(rule.violations(pipeline)).isEmpty());
    }

    @ParameterizedTest
    @MethodSource("mutations")
    void aTemplateThatBreaksTheRuleIsFound(Mutation mutation) {
        Template broken = mutation.change().apply(TEMPLATE);
        assertThat(mutation.rule().violations(Pipeline.of(broken, Map.of()))).isNotEmpty();
    }

    @Test
    void everyRuleHasATemplateThatBreaksIt() {
        assertThat(mutations().map(Mutation::rule)).contains(PreflightRule.values());
    }

    private static Stream<Mutation> mutations() {
        return Stream.of(
                with(VISIBILITY_COVERS_SIX_TIMEOUTS_AND_THE_WINDOW, "Queue.Properties.VisibilityTimeout", 120),
                with(MESSAGES_ARE_TRIED_FIVE_TIMES, "Queue.Properties.RedrivePolicy.maxReceiveCount", 4),
                without(ONE_BAD_MESSAGE_FAILS_ALONE, "EventSource.Properties.FunctionResponseTypes"),
                without(POLLER_KEEPS_TO_WHAT_IS_RESERVED, "EventSource.Properties.ScalingConfig"),
                with(POLLER_KEEPS_TO_WHAT_IS_RESERVED, "Function.Properties.ReservedConcurrentExecutions", 9),
                with(QUEUE_FEEDS_A_SNAPSHOT, "EventSource.Properties.FunctionName", Map.of("Ref", "Function")),
                without(QUEUE_FEEDS_A_SNAPSHOT, "Function.Properties.SnapStart"),
                with(
                        QUEUE_FEEDS_A_SNAPSHOT,
                        "Function.Properties.Environment.Variables.JAVA_TOOL_OPTIONS",
                        "-XX:TieredStopAtLevel=1"),
                with(DEAD_LETTERS_OUTLIVE_THEIR_QUEUE, "DeadLetterQueue.Properties.MessageRetentionPeriod", 345600),
                without(
                        DEAD_LETTERS_OUTLIVE_THEIR_QUEUE,
                        "SubscriptionDeadLetterQueue.Properties.MessageRetentionPeriod"),
                without(NOTHING_UNDELIVERED_IS_LOST, "Subscription.Properties.RedrivePolicy"),
                without(NOTHING_UNDELIVERED_IS_LOST, "DeadLetterQueue.Properties.RedriveAllowPolicy"),
                with(
                        NOTHING_UNDELIVERED_IS_LOST,
                        "Queue.Properties.RedrivePolicy.deadLetterTargetArn",
                        Map.of("Fn::GetAtt", "SubscriptionDeadLetterQueue.Arn")),
                with(
                        WAITING_DEAD_LETTERS_RAISE_AN_ALARM,
                        "DeadLettersAlarm.Properties.MetricName",
                        "NumberOfMessagesSent"),
                without(WAITING_DEAD_LETTERS_RAISE_AN_ALARM, "UndeliveredAlarm.Properties.Dimensions"),
                with(ALARMS_SAY_WHAT_TO_DO, "LatencyAlarm.Properties.AlarmDescription", "It is slow"),
                without(ALARMS_SAY_WHAT_TO_DO, "UnwrittenAlarm.Properties.AlarmActions"),
                without(KEY_IS_GRANTED_TO_BUCKET_AND_TOPIC, keyStatement("1.Fn::If.2.Condition.ArnEquals")),
                with(KEY_IS_GRANTED_TO_BUCKET_AND_TOPIC, keyStatement("4.Action"), "kms:GenerateDataKey"),
                without(SERVICES_ACT_FOR_KNOWN_SOURCES, keyStatement("4.Condition")),
                without(SERVICES_ACT_FOR_KNOWN_SOURCES, keyStatement("5.Condition")),
                without(SERVICES_ACT_FOR_KNOWN_SOURCES, policy("TopicPolicy", "0.Fn::If.2.Condition")),
                without(SERVICES_ACT_FOR_KNOWN_SOURCES, policy("QueuePolicy", "0.Condition")),
                without(SERVICES_ACT_FOR_KNOWN_SOURCES, policy("LogBucketPolicy", "0.Condition")),
                with(NOBODY_GETS_EVERYTHING, policy("FunctionPolicy", "1.Resource"), "*"),
                with(NOBODY_GETS_EVERYTHING, policy("FunctionPolicy", "1.Action"), "dynamodb:*"),
                with(
                        NOBODY_GETS_EVERYTHING,
                        policy("FunctionPolicy", "0.Resource"),
                        "arn:aws:sqs:*:123456789012:imaging-uploads"),
                with(NOBODY_GETS_EVERYTHING, policy("QueuePolicy", "0.Principal"), "*"),
                with(NOBODY_GETS_EVERYTHING, keyStatement("4.Action"), "kms:*"),
                without(EVERYTHING_IS_ENCRYPTED, "Topic.Properties.KmsMasterKeyId"),
                without(EVERYTHING_IS_ENCRYPTED, "DeadLetterQueue.Properties.KmsMasterKeyId"),
                without(EVERYTHING_IS_ENCRYPTED, "Bucket.Properties.BucketEncryption"),
                without(EVERYTHING_IS_ENCRYPTED, "Table.Properties.SSESpecification.KMSMasterKeyId"),
                without(EVERYTHING_IS_ENCRYPTED, "FunctionLogs.Properties.KmsKeyId"),
                without(NOTHING_TRAVELS_IN_PLAIN_TEXT, policy("TopicPolicy", "1.Condition")),
                with(NOTHING_TRAVELS_IN_PLAIN_TEXT, policy("QueuePolicy", "1.Effect"), "Allow"),
                without(NOTHING_TRAVELS_IN_PLAIN_TEXT, "BucketPolicy"),
                without(DATA_CANNOT_BE_LOST_BY_MISTAKE, "Bucket.Properties.VersioningConfiguration"),
                with(
                        DATA_CANNOT_BE_LOST_BY_MISTAKE,
                        "Bucket.Properties.PublicAccessBlockConfiguration.BlockPublicPolicy",
                        false),
                without(DATA_CANNOT_BE_LOST_BY_MISTAKE, "Table.Properties.DeletionProtectionEnabled"),
                without(DATA_CANNOT_BE_LOST_BY_MISTAKE, "Table.Properties.PointInTimeRecoverySpecification"));
    }

    private static Mutation with(PreflightRule rule, String place, Object value) {
        return new Mutation(rule, place + " is " + value, template -> template.with("Resources." + place, value));
    }

    private static Mutation without(PreflightRule rule, String place) {
        return new Mutation(rule, "no " + place, template -> template.without("Resources." + place));
    }

    private static String keyStatement(String place) {
        return "Key.Properties.KeyPolicy.Statement." + place;
    }

    private static String policy(String logicalId, String place) {
        return logicalId + ".Properties.PolicyDocument.Statement." + place;
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
