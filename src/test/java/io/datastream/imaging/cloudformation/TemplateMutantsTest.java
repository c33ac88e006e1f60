package io.datastream.imaging.cloudformation;

import static io.datastream.imaging.cloudformation.DeploymentRule.*;
import static io.datastream.imaging.cloudformation.PipelineRule.*;
import static io.datastream.imaging.cloudformation.ReconcileRule.*;
import static io.datastream.imaging.cloudformation.WiringRule.*;
import static org.assertj.core.api.Assertions.assertThat;

import io.datastream.imaging.cloudformation.TemplateMutant.Check;
import io.datastream.imaging.local.template.Template;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every mistake of this list in the template is noticed, each by the cheapest check that can find it. */
@Execution(ExecutionMode.CONCURRENT)
class TemplateMutantsTest {
    private static final Template TEMPLATE = Pipeline.template();
    private static final PreflightRule KEPT = DATA_OUTLIVES_THE_STACK_BUT_NOT_A_FAILED_FIRST_DEPLOYMENT;
    private static final PreflightRule ALIAS = ALIAS_FOLLOWS_THE_RELEASE_AND_EARLIER_VERSIONS_ARE_KEPT;
    private static final String NOTIFICATIONS = "Bucket.Properties.NotificationConfiguration.TopicConfigurations";
    private static final String INVENTORY_NOTIFICATION =
            "InventoryBucket.Properties.NotificationConfiguration.Fn::If.1.QueueConfigurations";
    private static final String INVENTORY = "Bucket.Properties.InventoryConfigurations.0";
    private static final String RECONCILE_VARIABLES = "ReconcileFunction.Properties.Environment.Variables";
    private static final String VARIABLES = "Function.Properties.Environment.Variables";

    @ParameterizedTest
    @MethodSource("mutants")
    void theMistakeIsNoticed(TemplateMutant mutant) {
        assertThat(mutant.problems()).as(mutant.mistake()).isNotEmpty();
    }

    @Test
    void theTemplateAsItIsHasNoProblem() {
        assertThat(UploadTrial.problems(TEMPLATE)).isEmpty();
        assertThat(PreflightRule.all()).allSatisfy(rule -> assertThat(rule.violations(Pipeline.of(TEMPLATE, Map.of())))
                .isEmpty());
    }

    @Test
    void everyRuleHasAMutant() {
        assertThat(mutants().map(TemplateMutant::noticedBy))
                .containsAll(PreflightRule.all().stream().map(Check.Rule::new).toList());
    }

    @Test
    void theReadmeSaysHowManyMutantsThereAre() throws IOException {
        assertThat(mutants().map(TemplateMutant::mistake))
                .doesNotHaveDuplicates()
                .hasSizeGreaterThanOrEqualTo(60);
        assertThat(Files.readString(Path.of("cloudformation", "README.md")))
                .contains(
                        "%1$d templates with one mistake each are tried, and all %1$d are noticed: %2$d by a rule, %3$d when the template is evaluated, %4$d by uploads"
                                .formatted(
                                        mutants().count(),
                                        againstRules().count(),
                                        againstEvaluation().count(),
                                        againstUploads().count()));
    }

    static Stream<TemplateMutant> mutants() {
        return Stream.of(againstRules(), againstEvaluation(), againstUploads()).flatMap(mutants -> mutants);
    }

    private static Stream<TemplateMutant> againstRules() {
        return Stream.concat(againstRulesOfUploads(), againstRulesOfReconciliation());
    }

    private static Stream<TemplateMutant> againstRulesOfUploads() {
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
                without(KEY_IS_GRANTED_TO_BUCKETS_AND_TOPIC, keyStatement("1.Fn::If.2.Condition.ArnEquals")),
                with(KEY_IS_GRANTED_TO_BUCKETS_AND_TOPIC, keyStatement("5.Action"), "kms:GenerateDataKey"),
                without(SERVICES_ACT_FOR_KNOWN_SOURCES, keyStatement("5.Condition")),
                without(SERVICES_ACT_FOR_KNOWN_SOURCES, keyStatement("6.Condition")),
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
                with(NOBODY_GETS_EVERYTHING, keyStatement("5.Action"), "kms:*"),
                without(EVERYTHING_IS_ENCRYPTED, "Topic.Properties.KmsMasterKeyId"),
                without(EVERYTHING_IS_ENCRYPTED, "DeadLetterQueue.Properties.KmsMasterKeyId"),
                without(EVERYTHING_IS_ENCRYPTED, "Bucket.Properties.BucketEncryption"),
                without(EVERYTHING_IS_ENCRYPTED, "Table.Properties.SSESpecification.KMSMasterKeyId"),
                without(EVERYTHING_IS_ENCRYPTED, "FunctionLogs.Properties.KmsKeyId"),
                without(NOTHING_TRAVELS_IN_PLAIN_TEXT, policy("TopicPolicy", "1.Condition")),
                with(NOTHING_TRAVELS_IN_PLAIN_TEXT, policy("QueuePolicy", "1.Effect"), "Allow"),
                with(
                        NOTHING_TRAVELS_IN_PLAIN_TEXT,
                        policy("BucketPolicy", "0.Condition.Bool"),
                        secureTransport("true")),
                without(DATA_CANNOT_BE_LOST_BY_MISTAKE, "Bucket.Properties.VersioningConfiguration"),
                with(
                        DATA_CANNOT_BE_LOST_BY_MISTAKE,
                        "Bucket.Properties.PublicAccessBlockConfiguration.BlockPublicPolicy",
                        false),
                without(DATA_CANNOT_BE_LOST_BY_MISTAKE, "Table.Properties.DeletionProtectionEnabled"),
                without(DATA_CANNOT_BE_LOST_BY_MISTAKE, "Table.Properties.PointInTimeRecoverySpecification"),
                // order, retention, attachment, versions: what only a deployment would show
                without(TABLE_IS_CREATED_LAST, "Table.DependsOn.3"),
                without(TABLE_IS_CREATED_LAST, "Table.Metadata"),
                without(TABLE_IS_CREATED_LAST, "Table.DependsOn"),
                without(WHAT_AWS_CHECKS_IS_CREATED_BEFORE, "Bucket.DependsOn"),
                without(WHAT_AWS_CHECKS_IS_CREATED_BEFORE, "Subscription.DependsOn"),
                without(WHAT_AWS_CHECKS_IS_CREATED_BEFORE, "EventSource.DependsOn"),
                deployedWith(
                        Map.of("Tracing", "true"),
                        without(WHAT_AWS_CHECKS_IS_CREATED_BEFORE, "Function.Metadata.CreatedAfter")),
                deployedWith(
                        Map.of("Tracing", "true"),
                        with(
                                FUNCTION_MAY_MAKE_EXACTLY_ITS_CALLS,
                                policy("FunctionTracingPolicy", "0.Action"),
                                "xray:PutTraceSegments")),
                deployedWith(
                        Map.of("OperatorPolicies", "true"),
                        new TemplateMutant(
                                "an operator's policy is no output",
                                TEMPLATE.without("Outputs.OperatorLookPolicyArn"),
                                Map.of(),
                                new Check.Rule(EVERY_POLICY_IS_ATTACHED))),
                with(KEPT, "Key.DeletionPolicy", "Delete"),
                with(KEPT, "Table.DeletionPolicy", "Retain"),
                without(KEPT, "Bucket.DeletionPolicy"),
                without(KEPT, "BucketPolicy.DeletionPolicy"),
                without(KEPT, "InventoryBucketPolicy.UpdateReplacePolicy"),
                without(KEPT, "KeyAlias.DeletionPolicy"),
                with(KEPT, "FunctionLogs.DeletionPolicy", "Delete"),
                with(KEPT, "FunctionLogs.Properties.LogGroupName", "/aws/lambda/imaging"),
                with(EVERY_POLICY_IS_ATTACHED, "FunctionPolicy.Properties.Roles", List.of()),
                with(FUNCTION_MAY_MAKE_EXACTLY_ITS_CALLS, "FunctionPolicy.Properties.Roles", List.of("another")),
                without(FUNCTION_MAY_MAKE_EXACTLY_ITS_CALLS, policy("FunctionPolicy", "1")),
                with(FUNCTION_MAY_MAKE_EXACTLY_ITS_CALLS, policy("FunctionPolicy", "0.Action.1"), "sqs:PurgeQueue"),
                with(FUNCTION_MAY_MAKE_EXACTLY_ITS_CALLS, policy("FunctionPolicy", "1.Action"), "dynamodb:PutItem"),
                with(FUNCTION_MAY_MAKE_EXACTLY_ITS_CALLS, policy("FunctionPolicy", "1.Effect"), "Deny"),
                without(FUNCTION_MAY_MAKE_EXACTLY_ITS_CALLS, policy("FunctionPolicy", "2.Condition")),
                with(
                        FUNCTION_MAY_MAKE_EXACTLY_ITS_CALLS,
                        policy("FunctionPolicy", "0.Resource"),
                        Map.of("Fn::GetAtt", "DeadLetterQueue.Arn")),
                with(
                        FUNCTION_MAY_MAKE_EXACTLY_ITS_CALLS,
                        "FunctionRole.Properties.ManagedPolicyArns",
                        List.of("arn:aws:iam::aws:policy/AdministratorAccess")),
                with(
                        LAMBDA_CAN_ASSUME_THE_FUNCTIONS_ROLE,
                        "FunctionRole.Properties.AssumeRolePolicyDocument.Statement.0.Principal",
                        Map.of("Service", "edgelambda.amazonaws.com")),
                with(FUNCTION_IS_WHAT_THE_JAR_HOLDS, "Function.Properties.Runtime", "java21"),
                with(FUNCTION_IS_WHAT_THE_JAR_HOLDS, "Function.Properties.Handler", "ingest.IngestHandler::handle"),
                with(FUNCTION_IS_WHAT_THE_JAR_HOLDS, "Function.Properties.Code", "../target/imaging.jar"),
                without(FUNCTION_GETS_ITS_SETTINGS, "Function.Properties.Environment.Variables.RELEASE"),
                with(
                        FUNCTION_GETS_ITS_SETTINGS,
                        "Function.Properties.Environment.Variables.PATIENT_ID_PATTERN",
                        "(?<patientId>[0-9]+"),
                with(ALIAS, "FunctionAlias.Properties.FunctionVersion", "$LATEST"),
                with(ALIAS, "FunctionAlias.Properties.FunctionVersion", "1"),
                with(ALIAS, "FunctionVersion.UpdateReplacePolicy", "Delete"),
                without(ALIAS, "FunctionVersion.DeletionPolicy"),
                // wiring
                with(QUEUE_FEEDS_THE_FUNCTION, "EventSource.Properties.Enabled", false),
                with(
                        QUEUE_FEEDS_THE_FUNCTION,
                        "EventSource.Properties.EventSourceArn",
                        Map.of("Fn::GetAtt", "DeadLetterQueue.Arn")),
                with(QUEUE_FEEDS_THE_FUNCTION, "EventSource.Properties.FunctionName", "another"),
                with(EACH_STEP_MAY_SEND_TO_THE_NEXT, policy("QueuePolicy", "2"), deny("sqs:SendMessage")),
                with(
                        EACH_STEP_MAY_SEND_TO_THE_NEXT,
                        policy("SubscriptionDeadLetterQueuePolicy", "0.Principal"),
                        Map.of("Service", "s3.amazonaws.com")),
                with(
                        EACH_STEP_MAY_SEND_TO_THE_NEXT,
                        policy("TopicPolicy", "1.Condition.Bool"),
                        secureTransport("true")),
                with(EACH_STEP_MAY_SEND_TO_THE_NEXT, policy("TopicPolicy", "0.Fn::If.2.Action"), "sns:Subscribe"),
                with(EACH_STEP_MAY_SEND_TO_THE_NEXT, policy("AlarmTopicPolicy", "0.Resource"), Map.of("Ref", "Topic")),
                with(
                        EACH_STEP_MAY_SEND_TO_THE_NEXT,
                        "QueuePolicy.Properties.Queues",
                        List.of(Map.of("Ref", "DeadLetterQueue"))),
                with(EVERY_DICOM_UPLOAD_IS_NOTIFIED, NOTIFICATIONS + ".0.Filter.S3Key.Rules.0.Value", ".dicom"),
                without(EVERY_DICOM_UPLOAD_IS_NOTIFIED, "Bucket.Properties.NotificationConfiguration"),
                with(EVERY_DICOM_UPLOAD_IS_NOTIFIED, NOTIFICATIONS + ".1.Event", "s3:ObjectCreated:Copy"),
                with(EVERY_DICOM_UPLOAD_IS_NOTIFIED, NOTIFICATIONS + ".1.Topic", Map.of("Ref", "AlarmTopic")),
                onEventBridge(with(
                        EVERY_DICOM_UPLOAD_IS_NOTIFIED,
                        "UploadRule.Properties.EventPattern.detail-type",
                        List.of("Object Deleted"))),
                onEventBridge(without(
                        EVERY_DICOM_UPLOAD_IS_NOTIFIED, "UploadRule.Properties.EventPattern.detail.object.key.1")),
                onEventBridge(with(EVERY_DICOM_UPLOAD_IS_NOTIFIED, "UploadRule.Properties.State", "DISABLED")),
                onEventBridge(
                        without(EVERY_DICOM_UPLOAD_IS_NOTIFIED, "UploadRule.Properties.Targets.0.DeadLetterConfig")),
                with(
                        WAITING_DEAD_LETTERS_RAISE_AN_ALARM,
                        "DeadLettersAlarm.Properties.ComparisonOperator",
                        "LessThanThreshold"),
                with(ALARMS_WATCH_METRICS_THAT_EXIST, "UnwrittenAlarm.Properties.Namespace", "ImagingIngestion"),
                with(ALARMS_WATCH_METRICS_THAT_EXIST, "UnwrittenAlarm.Properties.MetricName", "UnwrittenRecords"),
                with(ALARMS_WATCH_METRICS_THAT_EXIST, "FunctionErrorsAlarm.Properties.Dimensions.0.Name", "Function"),
                with(
                        ALARMS_WATCH_METRICS_THAT_EXIST,
                        "TableThrottlesAlarm.Properties.Metrics.2.MetricStat.Metric.Dimensions.1.Value",
                        "PatientIndex"),
                with(
                        SLOW_UPLOADS_RAISE_AN_ALARM_AT_ANY_RATE,
                        "LatencyAlarm.Properties.Metrics.1.MetricStat.Stat",
                        "p99"),
                with(DASHBOARD_SHOWS_EVERY_ALARM, "LatencyAlarm.Properties.AlarmName", "imaging-slow"),
                with(DASHBOARD_SHOWS_EVERY_ALARM, "Dashboard.Properties.DashboardBody", "{\"widgets\": [,]}"));
    }

    /** Mistakes in what compares the inventories with the table. */
    private static Stream<TemplateMutant> againstRulesOfReconciliation() {
        return Stream.of(
                with(VISIBILITY_COVERS_SIX_TIMEOUTS_AND_THE_WINDOW, "ReconcileFunction.Properties.Timeout", 301),
                with(MESSAGES_ARE_TRIED_FIVE_TIMES, "ReconcileQueue.Properties.RedrivePolicy.maxReceiveCount", 3),
                without(ONE_BAD_MESSAGE_FAILS_ALONE, "ReconcileEventSource.Properties.FunctionResponseTypes"),
                without(POLLER_KEEPS_TO_WHAT_IS_RESERVED, "ReconcileEventSource.Properties.ScalingConfig"),
                with(
                        QUEUE_FEEDS_A_SNAPSHOT,
                        "ReconcileEventSource.Properties.FunctionName",
                        Map.of("Ref", "ReconcileFunction")),
                without(DEAD_LETTERS_OUTLIVE_THEIR_QUEUE, "ReconcileDeadLetterQueue.Properties.MessageRetentionPeriod"),
                with(
                        NOTHING_UNDELIVERED_IS_LOST,
                        "ReconcileQueue.Properties.RedrivePolicy.deadLetterTargetArn",
                        Map.of("Fn::GetAtt", "DeadLetterQueue.Arn")),
                without(NOTHING_UNDELIVERED_IS_LOST, "ReconcileDeadLetterQueue.Properties.RedriveAllowPolicy"),
                with(
                        WAITING_DEAD_LETTERS_RAISE_AN_ALARM,
                        "ReconcileDeadLettersAlarm.Properties.Dimensions.0.Value",
                        "imaging-inventories"),
                with(ALARMS_SAY_WHAT_TO_DO, "InventoryAlarm.Properties.AlarmName", "imaging-inventory"),
                without(KEY_IS_GRANTED_TO_BUCKETS_AND_TOPIC, keyStatement("3.Condition.StringEquals")),
                with(KEY_IS_GRANTED_TO_BUCKETS_AND_TOPIC, keyStatement("3.Action"), "kms:GenerateDataKey"),
                without(SERVICES_ACT_FOR_KNOWN_SOURCES, keyStatement("3.Condition")),
                without(SERVICES_ACT_FOR_KNOWN_SOURCES, policy("ReconcileQueuePolicy", "0.Condition")),
                with(NOBODY_GETS_EVERYTHING, policy("ReconcilePolicy", "1.Resource"), "*"),
                with(NOBODY_GETS_EVERYTHING, policy("ReconcilePolicy", "1.Action"), "s3:*"),
                without(EVERYTHING_IS_ENCRYPTED, "ReconcileQueue.Properties.KmsMasterKeyId"),
                without(EVERYTHING_IS_ENCRYPTED, "ReconcileLogs.Properties.KmsKeyId"),
                without(NOTHING_TRAVELS_IN_PLAIN_TEXT, policy("ReconcileQueuePolicy", "1")),
                with(
                        NOTHING_TRAVELS_IN_PLAIN_TEXT,
                        policy("ReconcileDeadLetterQueuePolicy", "0.Resource"),
                        Map.of("Fn::GetAtt", "ReconcileQueue.Arn")),
                without(TABLE_IS_CREATED_LAST, "Table.DependsOn.16"),
                without(WHAT_AWS_CHECKS_IS_CREATED_BEFORE, "InventoryBucket.DependsOn.1"),
                without(WHAT_AWS_CHECKS_IS_CREATED_BEFORE, "ReconcileEventSource.DependsOn"),
                with(KEPT, "ReconcileLogs.DeletionPolicy", "Delete"),
                with(EVERY_POLICY_IS_ATTACHED, "ReconcilePolicy.Properties.Roles", List.of()),
                with(
                        FUNCTION_MAY_MAKE_EXACTLY_ITS_CALLS,
                        policy("ReconcilePolicy", "3.Action"),
                        List.of("dynamodb:BatchGetItem", "dynamodb:BatchWriteItem")),
                with(
                        FUNCTION_MAY_MAKE_EXACTLY_ITS_CALLS,
                        policy("ReconcilePolicy", "1.Resource"),
                        Map.of("Fn::Sub", "${Bucket.Arn}/*")),
                without(FUNCTION_MAY_MAKE_EXACTLY_ITS_CALLS, policy("ReconcilePolicy", "5")),
                without(FUNCTION_MAY_MAKE_EXACTLY_ITS_CALLS, policy("ReconcilePolicy", "4.Condition")),
                deployedWith(
                        Map.of("ReconcileMode", "report"),
                        with(
                                FUNCTION_MAY_MAKE_EXACTLY_ITS_CALLS,
                                policy("ReconcilePolicy", "3.Action.Fn::If.2"),
                                List.of("dynamodb:BatchGetItem", "dynamodb:PutItem"))),
                with(
                        FUNCTION_MAY_MAKE_EXACTLY_ITS_CALLS,
                        "ReconcileFunction.Properties.Role",
                        Map.of("Fn::GetAtt", "FunctionRole.Arn")),
                with(
                        LAMBDA_CAN_ASSUME_THE_FUNCTIONS_ROLE,
                        "ReconcileRole.Properties.AssumeRolePolicyDocument.Statement.0.Effect",
                        "Deny"),
                with(FUNCTION_IS_WHAT_THE_JAR_HOLDS, "ReconcileFunction.Properties.Code", "../target/reconcile.jar"),
                with(
                        FUNCTION_IS_WHAT_THE_JAR_HOLDS,
                        "ReconcileFunction.Properties.Handler",
                        "io.datastream.imaging.ingest.IngestHandler::handleRequest"),
                without(FUNCTION_GETS_ITS_SETTINGS, RECONCILE_VARIABLES + ".CUT_OFF_SECONDS"),
                without(FUNCTION_GETS_ITS_SETTINGS, RECONCILE_VARIABLES + ".RECONCILE_QUEUE_URL"),
                with(
                        ALIAS,
                        "ReconcileAlias.Properties.FunctionVersion",
                        Map.of("Fn::GetAtt", "FunctionVersion.FunctionArn")),
                with(ALIAS, "ReconcileVersion.Properties.FunctionName", Map.of("Ref", "Function")),
                with(
                        QUEUE_FEEDS_THE_FUNCTION,
                        "ReconcileEventSource.Properties.EventSourceArn",
                        Map.of("Fn::GetAtt", "Queue.Arn")),
                deployedWith(
                        Map.of("ReconcileMode", "off"),
                        with(QUEUE_FEEDS_THE_FUNCTION, "ReconcileEventSource.Properties.Enabled", true)),
                with(
                        EACH_STEP_MAY_SEND_TO_THE_NEXT,
                        policy("ReconcileQueuePolicy", "0.Principal"),
                        Map.of("Service", "sns.amazonaws.com")),
                with(
                        ALARMS_WATCH_METRICS_THAT_EXIST,
                        "MissedUploadsAlarm.Properties.Dimensions.0.Value",
                        Map.of("Ref", "Function")),
                with(ALARMS_WATCH_METRICS_THAT_EXIST, "InventoryAlarm.Properties.MetricName", "Inventories"),
                with(DASHBOARD_SHOWS_EVERY_ALARM, "MissedUploadsAlarm.Properties.AlarmName", "imaging-missed"),
                without(BUCKET_IS_LISTED_DAILY_WITH_ALL_VERSIONS, "Bucket.Properties.InventoryConfigurations"),
                with(BUCKET_IS_LISTED_DAILY_WITH_ALL_VERSIONS, INVENTORY + ".IncludedObjectVersions", "Current"),
                with(BUCKET_IS_LISTED_DAILY_WITH_ALL_VERSIONS, INVENTORY + ".Destination.Format", "ORC"),
                with(BUCKET_IS_LISTED_DAILY_WITH_ALL_VERSIONS, INVENTORY + ".Prefix", "ward-7/"),
                without(BUCKET_IS_LISTED_DAILY_WITH_ALL_VERSIONS, INVENTORY + ".OptionalFields.1"),
                with(
                        EVERY_INVENTORY_REACHES_THE_RECONCILE_QUEUE,
                        INVENTORY_NOTIFICATION + ".0.Filter.S3Key.Rules.0.Value",
                        "manifest.json"),
                with(
                        EVERY_INVENTORY_REACHES_THE_RECONCILE_QUEUE,
                        INVENTORY_NOTIFICATION + ".0.Queue",
                        Map.of("Fn::GetAtt", "Queue.Arn")),
                without(
                        EVERY_INVENTORY_REACHES_THE_RECONCILE_QUEUE,
                        "InventoryBucket.Properties.NotificationConfiguration"),
                with(RECONCILIATION_COMPARES_WHAT_IS_NOTIFIED, RECONCILE_VARIABLES + ".KEY_SUFFIXES", ".dcm"),
                with(
                        RECONCILIATION_COMPARES_WHAT_IS_NOTIFIED,
                        NOTIFICATIONS + ".1.Filter.S3Key.Rules.0.Value",
                        ".dicom"),
                onEventBridge(with(
                        RECONCILIATION_COMPARES_WHAT_IS_NOTIFIED,
                        "UploadRule.Properties.EventPattern.detail.object.key.0.suffix",
                        ".dicom")),
                with(RECONCILIATION_COMPARES_WHAT_IS_NOTIFIED, RECONCILE_VARIABLES + ".TABLE_NAME", "Other"),
                with(
                        RECONCILIATION_COMPARES_WHAT_IS_NOTIFIED,
                        RECONCILE_VARIABLES + ".BUCKET_NAME",
                        Map.of("Ref", "InventoryBucket")),
                with(
                        RECONCILIATION_COMPARES_WHAT_IS_NOTIFIED,
                        RECONCILE_VARIABLES + ".RECONCILE_QUEUE_URL",
                        Map.of("Ref", "Queue")),
                with(CUT_OFF_IS_LONGER_THAN_A_MESSAGE_IS_TRIED, RECONCILE_VARIABLES + ".CUT_OFF_SECONDS", 1200),
                without(
                        LONG_INVENTORIES_TAKE_AS_MANY_ROUNDS_AS_THEY_NEED,
                        "ReconcileFunction.Properties.RecursiveLoop"),
                with(
                        LONG_INVENTORIES_TAKE_AS_MANY_ROUNDS_AS_THEY_NEED,
                        "ReconcileEventSource.Properties.BatchSize",
                        10),
                with(WHAT_WAS_MISSED_RAISES_AN_ALARM, "MissedUploadsAlarm.Properties.Threshold", 100),
                with(WHAT_WAS_MISSED_RAISES_AN_ALARM, "RepairCeilingAlarm.Properties.Statistic", "Average"),
                with(WHAT_WAS_MISSED_RAISES_AN_ALARM, "InventoryAlarm.Properties.TreatMissingData", "notBreaching"),
                with(WHAT_WAS_MISSED_RAISES_AN_ALARM, "InventoryAlarm.Properties.EvaluationPeriods", 24));
    }

    private static Stream<TemplateMutant> againstEvaluation() {
        return Stream.of(
                evaluated("does not emulate", "Subscription.Properties.FilterPolicy", Map.of("x", List.of("y"))),
                evaluated("does not emulate", "Subscription.Properties.FilterPolicyScope", "MessageBody"),
                evaluated(
                        "does not emulate",
                        "EventSource.Properties.FilterCriteria",
                        Map.of("Filters", List.of(Map.of("Pattern", "{}")))),
                evaluated("does not emulate", "Queue.Properties.VisibilityTimout", 121),
                evaluated("does not emulate", "Queue.Properties.RedrivePolicy.maxReceives", 10),
                evaluated("does not emulate", "Table.Properties.TimeToLiveSpecification", Map.of("Enabled", true)),
                evaluated("does not emulate", NOTIFICATIONS + ".0.Filter.S3Key.Rule", List.of()),
                evaluated("does not emulate", "Function.Properties.Layers", List.of("arn:aws:lambda:x")),
                evaluated("does not emulate", INVENTORY + ".Destination.Encryption", Map.of("SSES3", Map.of())),
                evaluated("does not emulate", "ReconcileFunction.Properties.RecursiveLoops", "Allow"),
                evaluated(
                        "there is no resource ReconcileQueuePolcy", "InventoryBucket.DependsOn", "ReconcileQueuePolcy"),
                evaluated("is no attribute of a resource", "Bucket.DependOn", "TopicPolicy"),
                evaluated("there is no resource TopicPolcy", "Bucket.DependsOn", List.of("TopicPolcy")),
                evaluated("depends on itself", "Queue.DependsOn", "QueuePolicy"),
                evaluated("there is no condition", "Bucket.Condition", "CreateBucket"),
                evaluated("depends on itself", VARIABLES + ".TABLE_NAME", Map.of("Ref", "Table")),
                new TemplateMutant(
                        "the output TableName refers to the table",
                        TEMPLATE.with("Outputs.TableName.Value", Map.of("Ref", "Table")),
                        Map.of("TableSource", "existing"),
                        new Check.Evaluation("a condition takes the resource Table out")),
                evaluated("no parameter and no resource", VARIABLES + ".TABLE_NAME", Map.of("Ref", "Tabel")),
                evaluated(
                        "has no attribute QueueArn",
                        "Subscription.Properties.Endpoint",
                        Map.of("Fn::GetAtt", "Queue.QueueArn")),
                new TemplateMutant(
                        "Parameters.FunctionTimeout.Default is 7",
                        TEMPLATE.with("Parameters.FunctionTimeout.Default", "7"),
                        Map.of(),
                        new Check.Evaluation("the value 7 is not allowed")),
                new TemplateMutant(
                        "no Mappings.VisibilityTimeout.60",
                        TEMPLATE.without("Mappings.VisibilityTimeout.60"),
                        Map.of("FunctionTimeout", "60"),
                        new Check.Evaluation("finds no 60")));
    }

    private static Stream<TemplateMutant> againstUploads() {
        return Stream.of(
                uploaded(
                        TEMPLATE.without("Resources.Subscription").without("Resources.Table.DependsOn"),
                        "no subscription"),
                uploaded(
                        TEMPLATE.with(
                                "Resources.Subscription.Properties.Endpoint",
                                Map.of("Fn::GetAtt", "DeadLetterQueue.Arn")),
                        "the subscription sends to the DLQ"),
                uploaded(
                        TEMPLATE.with("Resources." + VARIABLES + ".TABLE_NAME", "Other"),
                        "the function writes to another table"),
                uploaded(
                        TEMPLATE.without("Resources." + VARIABLES + ".PATIENT_ID_PATTERN")
                                .with(
                                        "Resources." + VARIABLES + ".PATIENT_ID_PATERN",
                                        Map.of("Ref", "PatientIdPattern")),
                        "the variable of the pattern is misspelt"),
                uploaded(
                        TEMPLATE.with("Resources.Table.Properties.KeySchema", keys("uploadId", "fileKey")),
                        "the keys of the table are swapped"),
                uploaded(
                        TEMPLATE.with("Resources.Table.Properties.AttributeDefinitions.1.AttributeType", "N"),
                        "the sort key is a number"),
                uploaded(
                        TEMPLATE.with(
                                "Resources.Table.Properties.GlobalSecondaryIndexes.0.KeySchema",
                                keys("uploadTimestamp", "patientId")),
                        "the keys of the index are swapped"),
                uploaded(
                        TEMPLATE.with(
                                "Resources.Table.Properties.GlobalSecondaryIndexes.0.Projection.ProjectionType",
                                "KEYS_ONLY"),
                        "the index holds keys only"),
                uploaded(
                        TEMPLATE.with("Resources.Table.Properties.GlobalSecondaryIndexes.0.IndexName", "Patients"),
                        "the index has another name"),
                uploaded(
                        TEMPLATE.with("Resources.EventSource.Properties.MaximumBatchingWindowInSeconds", 0),
                        "no window"),
                uploaded(
                        TEMPLATE.with("Resources." + RECONCILE_VARIABLES + ".RECONCILE_MODE", "mend"),
                        "the mode is unknown to the reconcile function"),
                uploaded(
                        TEMPLATE.with("Resources." + RECONCILE_VARIABLES + ".MAXIMUM_REPAIRS", 0),
                        "no record may be repaired"));
    }

    private static TemplateMutant with(PreflightRule rule, String place, Object value) {
        return new TemplateMutant(
                place + " is " + value, TEMPLATE.with("Resources." + place, value), Map.of(), new Check.Rule(rule));
    }

    private static TemplateMutant without(PreflightRule rule, String place) {
        return new TemplateMutant(
                "no " + place, TEMPLATE.without("Resources." + place), Map.of(), new Check.Rule(rule));
    }

    private static TemplateMutant onEventBridge(TemplateMutant mutant) {
        return deployedWith(Map.of("BucketRoute", "existing-eventbridge"), mutant);
    }

    private static TemplateMutant deployedWith(Map<String, String> parameters, TemplateMutant mutant) {
        return new TemplateMutant(mutant.mistake(), mutant.template(), parameters, mutant.noticedBy());
    }

    private static TemplateMutant evaluated(String message, String place, Object value) {
        return new TemplateMutant(
                place + " is " + value,
                TEMPLATE.with("Resources." + place, value),
                Map.of(),
                new Check.Evaluation(message));
    }

    private static TemplateMutant uploaded(Template template, String mistake) {
        return new TemplateMutant(mistake, template, Map.of(), new Check.Run());
    }

    private static List<Map<String, String>> keys(String partitionKey, String sortKey) {
        return List.of(
                Map.of("AttributeName", partitionKey, "KeyType", "HASH"),
                Map.of("AttributeName", sortKey, "KeyType", "RANGE"));
    }

    private static Map<String, Object> deny(String action) {
        return Map.of(
                "Sid",
                "Maintenance",
                "Effect",
                "Deny",
                "Principal",
                Map.of("Service", "sns.amazonaws.com"),
                "Action",
                action,
                "Resource",
                Map.of("Fn::GetAtt", "Queue.Arn"));
    }

    private static Map<String, String> secureTransport(String value) {
        return Map.of("aws:SecureTransport", value);
    }

    private static String keyStatement(String place) {
        return "Key.Properties.KeyPolicy.Statement." + place;
    }

    private static String policy(String logicalId, String place) {
        return logicalId + ".Properties.PolicyDocument.Statement." + place;
    }
}
