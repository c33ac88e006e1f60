package io.datastream.imaging.cloudformation;

import static io.datastream.imaging.cloudformation.PreflightRule.unless;

import io.datastream.imaging.local.ResourcePolicy;
import io.datastream.imaging.local.template.PropertyMap;
import io.datastream.imaging.local.template.Resource;
import io.datastream.imaging.metadata.ImageMetadataTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** That each resource is connected to the right one: the way of an upload, and the alarms that watch it. */
enum WiringRule implements PreflightRule {
    QUEUE_FEEDS_THE_FUNCTION {
        @Override
        public List<String> violations(Pipeline pipeline) {
            return Pipeline.ofEachFunction(queued -> of(pipeline, queued));
        }

        private static List<String> of(Pipeline pipeline, Pipeline.QueuedFunction queued) {
            PropertyMap source = pipeline.properties(queued.eventSource());
            String name = source.requiredText("FunctionName");
            String function = pipeline.stack().reference(pipeline.resource(queued.function()));
            boolean wanted = queued == Pipeline.INGEST || pipeline.reconciles();
            return Stream.of(
                            unless(
                                    source.requiredText("EventSourceArn").equals(pipeline.arn(queued.queue())),
                                    "the event source is " + source.requiredText("EventSourceArn")),
                            unless(
                                    name.equals(function) || name.contains(":function:" + function + ":"),
                                    "the queue feeds " + name),
                            unless(
                                    source.bool("Enabled").orElse(true) == wanted,
                                    "the event source is " + (wanted ? "not enabled" : "enabled")))
                    .flatMap(List::stream)
                    .toList();
        }
    },
    EACH_STEP_MAY_SEND_TO_THE_NEXT {
        @Override
        public List<String> violations(Pipeline pipeline) {
            Map<ResourcePolicy.Request, String> requests = new LinkedHashMap<>();
            String topic = pipeline.arn("Topic");
            String undelivered = pipeline.arn("SubscriptionDeadLetterQueue");
            if (pipeline.find("UploadRule").isPresent()) {
                String rule = "arn:aws:events:" + Pipeline.REGION + ":" + Pipeline.ACCOUNT + ":rule/"
                        + pipeline.properties("UploadRule").requiredText("Name");
                requests.put(request("events", "sqs:SendMessage", undelivered, rule), "rule to undelivered");
            } else {
                String bucket = "arn:aws:s3:::" + pipeline.stack().outputs().get("BucketName");
                requests.put(request("s3", "sns:Publish", topic, bucket), "bucket to topic");
            }
            requests.put(request("sns", "sqs:SendMessage", pipeline.arn("Queue"), topic), "topic to queue");
            requests.put(request("sns", "sqs:SendMessage", undelivered, topic), "topic to undelivered");
            requests.put(
                    request("s3", "sqs:SendMessage", pipeline.arn("ReconcileQueue"), pipeline.arn("InventoryBucket")),
                    "inventory bucket to queue");
            if (pipeline.find("AlarmTopic").isPresent()) {
                for (Resource alarm : pipeline.ofTypes("AWS::CloudWatch::Alarm")) {
                    String source = "arn:aws:cloudwatch:" + Pipeline.REGION + ":" + Pipeline.ACCOUNT + ":alarm:"
                            + alarm.properties().requiredText("AlarmName");
                    requests.put(
                            request("cloudwatch", "sns:Publish", pipeline.arn("AlarmTopic"), source),
                            alarm.logicalId() + " to alarm topic");
                }
            }
            return requests.entrySet().stream()
                    .filter(entry -> !ResourcePolicy.allow(
                            policies(pipeline, entry.getKey().resource()), entry.getKey()))
                    .map(entry -> "not allowed: " + entry.getValue())
                    .toList();
        }

        private static ResourcePolicy.Request request(String service, String action, String target, String source) {
            return new ResourcePolicy.Request(service + ".amazonaws.com", action, target, source, Pipeline.ACCOUNT);
        }

        /** The policies of a topic or a queue; a queue's policy names it by its URL. */
        private static List<ResourcePolicy> policies(Pipeline pipeline, String arn) {
            String reference = pipeline.ofTypes("AWS::SQS::Queue").stream()
                    .filter(queue -> pipeline.arn(queue.logicalId()).equals(arn))
                    .map(pipeline.stack()::reference)
                    .findFirst()
                    .orElse(arn);
            return pipeline.ofTypes("AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy").stream()
                    .map(Resource::properties)
                    .filter(policy -> policy.texts("Topics").contains(reference)
                            || policy.texts("Queues").contains(reference))
                    .map(policy ->
                            new ResourcePolicy(policy.object("PolicyDocument").orElseThrow()))
                    .toList();
        }
    },
    EVERY_DICOM_UPLOAD_IS_NOTIFIED {
        @Override
        public List<String> violations(Pipeline pipeline) {
            return pipeline.find("UploadRule")
                    .map(rule -> ofRule(pipeline, rule.properties()))
                    .or(() -> pipeline.find("Bucket").map(bucket -> ofBucket(pipeline, bucket.properties())))
                    .orElse(List.of());
        }

        private static List<String> ofBucket(Pipeline pipeline, PropertyMap bucket) {
            Map<String, String> filters = new TreeMap<>();
            bucket
                    .object("NotificationConfiguration")
                    .map(configuration -> configuration.objects("TopicConfigurations"))
                    .orElse(List.of())
                    .stream()
                    .filter(entry -> entry.requiredText("Event").equals("s3:ObjectCreated:*")
                            && entry.requiredText("Topic").equals(pipeline.arn("Topic")))
                    .flatMap(entry -> entry.object("Filter").stream())
                    .flatMap(filter -> filter.object("S3Key").stream())
                    .map(key -> key.objects("Rules"))
                    .filter(rules -> rules.size() == 1)
                    .forEach(rules -> filters.put(
                            rules.getFirst().requiredText("Value"),
                            rules.getFirst().requiredText("Name")));
            return unless(
                    filters.equals(Map.of(".dcm", "suffix", ".DCM", "suffix")),
                    "the bucket notifies the topic of " + filters);
        }

        private static List<String> ofRule(Pipeline pipeline, PropertyMap rule) {
            Map<String, Object> pattern = Map.of(
                    "source",
                    List.of("aws.s3"),
                    "detail-type",
                    List.of("Object Created"),
                    "detail",
                    Map.of(
                            "bucket",
                            Map.of("name", List.of(pipeline.stack().outputs().get("BucketName"))),
                            "object",
                            Map.of("key", List.of(Map.of("suffix", ".dcm"), Map.of("suffix", ".DCM")))));
            Map<String, Object> target = Map.of(
                    "Id",
                    "topic",
                    "Arn",
                    pipeline.arn("Topic"),
                    "RoleArn",
                    pipeline.arn("UploadRuleRole"),
                    "DeadLetterConfig",
                    Map.of("Arn", pipeline.arn("SubscriptionDeadLetterQueue")));
            return Stream.of(
                            unless(
                                    rule.object("EventPattern")
                                            .orElseThrow()
                                            .asMap()
                                            .equals(pattern),
                                    "the rule's pattern does not match the uploads of the bucket"),
                            unless(rule.text("State").orElse("ENABLED").equals("ENABLED"), "the rule is disabled"),
                            unless(
                                    rule.objects("Targets").stream()
                                            .map(PropertyMap::asMap)
                                            .toList()
                                            .equals(List.of(target)),
                                    "the rule does not publish whole events to the topic, or loses undelivered ones"))
                    .flatMap(List::stream)
                    .toList();
        }
    },
    ALARMS_WATCH_METRICS_THAT_EXIST {
        @Override
        public List<String> violations(Pipeline pipeline) {
            return pipeline.ofTypes("AWS::CloudWatch::Alarm").stream()
                    .flatMap(alarm -> metrics(alarm.properties())
                            .filter(metric -> !exists(pipeline, metric))
                            .map(metric -> alarm.logicalId() + " watches a metric that is not measured"))
                    .toList();
        }

        private static Stream<PropertyMap> metrics(PropertyMap alarm) {
            return alarm.contains("Metrics")
                    ? alarm.objects("Metrics").stream()
                            .flatMap(metric -> metric.object("MetricStat").stream())
                            .flatMap(stat -> stat.object("Metric").stream())
                    : Stream.of(alarm);
        }

        private static boolean exists(Pipeline pipeline, PropertyMap metric) {
            Map<String, List<String>> known =
                    switch (metric.text("Namespace").orElse("") + " "
                            + metric.text("MetricName").orElse("")) {
                        case "AWS/SQS ApproximateNumberOfMessagesVisible", "AWS/SQS ApproximateAgeOfOldestMessage" ->
                            Map.of("QueueName", names(pipeline, "AWS::SQS::Queue", "QueueName"));
                        case "AWS/SNS NumberOfMessagesPublished" ->
                            Map.of("TopicName", names(pipeline, "AWS::SNS::Topic", "TopicName"));
                        case "AWS/DynamoDB WriteThrottleEvents" ->
                            Map.of(
                                    "TableName",
                                    List.of(pipeline.stack().outputs().get("TableName")),
                                    "GlobalSecondaryIndexName",
                                    List.of(ImageMetadataTable.PATIENT_UPLOADS_INDEX));
                        case "AWS/Lambda Errors", "AWS/Lambda Throttles", "AWS/Lambda ConcurrentExecutions" ->
                            Map.of("FunctionName", names(pipeline, Pipeline.INGEST, Pipeline.RECONCILE));
                        case "ImagingIngest RecordsUnwritten", "ImagingIngest UploadToRecordMilliseconds" ->
                            Map.of("FunctionName", names(pipeline, Pipeline.INGEST));
                        case "ImagingIngest MissingUploads",
                                "ImagingIngest RepairCeilingReached",
                                "ImagingIngest InventoriesReconciled" ->
                            Map.of("FunctionName", names(pipeline, Pipeline.RECONCILE));
                        default -> Map.of();
                    };
            List<PropertyMap> dimensions = metric.objects("Dimensions");
            return !dimensions.isEmpty()
                    && dimensions.stream()
                            .allMatch(dimension -> known.getOrDefault(dimension.requiredText("Name"), List.of())
                                    .contains(dimension.requiredText("Value")));
        }

        private static List<String> names(Pipeline pipeline, Pipeline.QueuedFunction... functions) {
            return Stream.of(functions)
                    .map(queued -> pipeline.stack().reference(pipeline.resource(queued.function())))
                    .toList();
        }

        private static List<String> names(Pipeline pipeline, String type, String attribute) {
            return pipeline.ofTypes(type).stream()
                    .map(resource -> pipeline.stack().attribute(resource, attribute))
                    .toList();
        }
    },
    SLOW_UPLOADS_RAISE_AN_ALARM_AT_ANY_RATE {
        @Override
        public List<String> violations(Pipeline pipeline) {
            PropertyMap alarm = pipeline.properties("LatencyAlarm");
            Map<String, String> statistics = alarm.objects("Metrics").stream()
                    .filter(metric -> metric.contains("MetricStat"))
                    .collect(Collectors.toMap(metric -> metric.requiredText("Id"), metric -> {
                        PropertyMap statistic = metric.object("MetricStat").orElseThrow();
                        return statistic.requiredText("Stat") + " in " + statistic.requiredText("Period") + " s";
                    }));
            List<String> expressions = alarm.objects("Metrics").stream()
                    .flatMap(metric -> metric.text("Expression").stream())
                    .toList();
            return Stream.of(
                            unless(
                                    statistics.equals(Map.of(
                                            "within", "PR(:5000) in 3600 s", "uploads", "SampleCount in 3600 s")),
                                    "the latency alarm watches " + statistics),
                            unless(
                                    expressions.equals(List.of("IF(uploads * (100 - within) > 150 AND within < 99,"
                                            + " uploads * (100 - within) / 100, 0)")),
                                    "the latency alarm computes " + expressions),
                            unless(
                                    alarm.text("ComparisonOperator").equals(Optional.of("GreaterThanThreshold"))
                                            && alarm.integer("Threshold").equals(Optional.of(0)),
                                    "the latency alarm has another threshold"))
                    .flatMap(List::stream)
                    .toList();
        }
    },
    DASHBOARD_SHOWS_EVERY_ALARM {
        /** An alarm that a parameter switches on or off cannot be in the dashboard's fixed text. */
        private static final Set<String> NOT_SHOWN = Set.of("SilenceAlarm", "InventoryAlarm");

        @Override
        public List<String> violations(Pipeline pipeline) {
            String body = pipeline.properties("Dashboard").requiredText("DashboardBody");
            try {
                JsonMapper.shared().readTree(body);
            } catch (JacksonException e) {
                return List.of("the dashboard is no JSON");
            }
            return pipeline.ofTypes("AWS::CloudWatch::Alarm").stream()
                    .filter(alarm -> !NOT_SHOWN.contains(alarm.logicalId()))
                    .filter(alarm ->
                            !body.contains(":alarm:" + alarm.properties().requiredText("AlarmName") + "\""))
                    .map(alarm -> "the dashboard does not show " + alarm.logicalId())
                    .toList();
        }
    }
}
