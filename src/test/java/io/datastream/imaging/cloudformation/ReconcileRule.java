package io.datastream.imaging.cloudformation;

import static io.datastream.imaging.cloudformation.PreflightRule.unless;

import io.datastream.imaging.local.template.PropertyMap;
import io.datastream.imaging.local.template.Resource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** That each inventory of the bucket is compared with the table, and that somebody learns of what was missed. */
enum ReconcileRule implements PreflightRule {
    BUCKET_IS_LISTED_DAILY_WITH_ALL_VERSIONS {
        @Override
        public List<String> violations(Pipeline pipeline) {
            if (pipeline.find("Bucket").isEmpty()) {
                return List.of();
            }
            List<Map<String, Object>> configurations =
                    pipeline.properties("Bucket").objects("InventoryConfigurations").stream()
                            .map(PropertyMap::asMap)
                            .toList();
            Map<String, Object> needed = Map.of(
                    "Id",
                    "daily",
                    "Enabled",
                    true,
                    "ScheduleFrequency",
                    "Daily",
                    "IncludedObjectVersions",
                    "All",
                    "OptionalFields",
                    List.of("Size", "LastModifiedDate", "ETag"),
                    "Destination",
                    Map.of(
                            "BucketArn",
                            pipeline.arn("InventoryBucket"),
                            "BucketAccountId",
                            Pipeline.ACCOUNT,
                            "Format",
                            "CSV"));
            return unless(configurations.equals(List.of(needed)), "the bucket's inventory is " + configurations);
        }
    },
    EVERY_INVENTORY_REACHES_THE_RECONCILE_QUEUE {
        @Override
        public List<String> violations(Pipeline pipeline) {
            List<Map<String, Object>> notified = pipeline
                    .properties("InventoryBucket")
                    .object("NotificationConfiguration")
                    .map(configuration -> configuration.objects("QueueConfigurations"))
                    .orElse(List.of())
                    .stream()
                    .map(PropertyMap::asMap)
                    .toList();
            Map<String, Object> filter =
                    Map.of("S3Key", Map.of("Rules", List.of(Map.of("Name", "suffix", "Value", "manifest.checksum"))));
            Map<String, Object> needed =
                    Map.of("Event", "s3:ObjectCreated:*", "Queue", pipeline.arn("ReconcileQueue"), "Filter", filter);
            return unless(
                    notified.equals(pipeline.reconciles() ? List.of(needed) : List.of()),
                    "the inventory bucket notifies " + notified);
        }
    },
    RECONCILIATION_COMPARES_WHAT_IS_NOTIFIED {
        @Override
        public List<String> violations(Pipeline pipeline) {
            PropertyMap variables = pipeline.variables(Pipeline.RECONCILE);
            PropertyMap ingest = pipeline.variables(Pipeline.INGEST);
            String suffixes = variables.text("KEY_SUFFIXES").orElse("");
            Set<String> compared = new TreeSet<>(List.of(suffixes.split(",")));
            Set<String> notified = notified(pipeline);
            return Stream.of(
                            unless(
                                    notified.isEmpty() || compared.equals(notified),
                                    "uploads that end in " + notified + " are notified, in " + compared + " compared"),
                            unless(
                                    suffixes.equals(pipeline.output("KeySuffixes")),
                                    "the command compares other suffixes than the function"),
                            unless(
                                    variables.text("BUCKET_NAME").equals(Optional.of(pipeline.output("BucketName"))),
                                    "another bucket is compared"),
                            unless(
                                    Stream.of("TABLE_NAME", "PATIENT_ID_PATTERN")
                                            .allMatch(
                                                    name -> variables.text(name).equals(ingest.text(name))),
                                    "the functions have another table, or another pattern"),
                            unless(
                                    variables
                                            .text("RECONCILE_QUEUE_URL")
                                            .equals(Optional.of(pipeline.output("ReconcileQueueUrl"))),
                                    "the function sends to another queue than its own"))
                    .flatMap(List::stream)
                    .toList();
        }

        /** The suffixes that the bucket or the rule notifies; none if the bucket's owner says which. */
        private static Set<String> notified(Pipeline pipeline) {
            Stream<PropertyMap> ofBucket = pipeline.find("Bucket").map(Resource::properties).stream()
                    .flatMap(bucket -> bucket.object("NotificationConfiguration").stream())
                    .flatMap(configuration -> configuration.objects("TopicConfigurations").stream())
                    .flatMap(entry -> entry.object("Filter").stream())
                    .flatMap(filter -> filter.object("S3Key").stream())
                    .flatMap(key -> key.objects("Rules").stream());
            Stream<PropertyMap> ofRule = pipeline.find("UploadRule").map(Resource::properties).stream()
                    .flatMap(rule -> rule.object("EventPattern").stream())
                    .flatMap(pattern -> pattern.object("detail").stream())
                    .flatMap(detail -> detail.object("object").stream())
                    .flatMap(object -> object.objects("key").stream());
            return Stream.concat(
                            ofBucket.map(rule -> rule.requiredText("Value")),
                            ofRule.map(key -> key.requiredText("suffix")))
                    .collect(Collectors.toSet());
        }
    },
    CUT_OFF_IS_LONGER_THAN_A_MESSAGE_IS_TRIED {
        @Override
        public List<String> violations(Pipeline pipeline) {
            int tries = pipeline.properties("Queue")
                    .object("RedrivePolicy")
                    .flatMap(redrive -> redrive.integer("maxReceiveCount"))
                    .orElse(0);
            int tried = tries * pipeline.number("Queue", "VisibilityTimeout");
            int cutOff = pipeline.variables(Pipeline.RECONCILE)
                    .integer("CUT_OFF_SECONDS")
                    .orElse(0);
            return unless(cutOff > tried, "a message is tried for " + tried + " s, the cut-off is " + cutOff + " s");
        }
    },
    LONG_INVENTORIES_TAKE_AS_MANY_ROUNDS_AS_THEY_NEED {
        @Override
        public List<String> violations(Pipeline pipeline) {
            Optional<String> loop = pipeline.properties("ReconcileFunction").text("RecursiveLoop");
            int batch = pipeline.number("ReconcileEventSource", "BatchSize");
            return Stream.of(
                            unless(loop.equals(Optional.of("Allow")), "Lambda stops the function after 16 rounds"),
                            unless(batch == 1, "an invocation has " + batch + " inventories to compare"))
                    .flatMap(List::stream)
                    .toList();
        }
    },
    WHAT_WAS_MISSED_RAISES_AN_ALARM {
        @Override
        public List<String> violations(Pipeline pipeline) {
            return Stream.concat(
                            Map.of("MissedUploadsAlarm", "MissingUploads", "RepairCeilingAlarm", "RepairCeilingReached")
                                    .entrySet()
                                    .stream()
                                    .filter(entry -> !countsOne(pipeline, entry.getKey(), entry.getValue()))
                                    .map(entry -> entry.getKey() + " does not go off at the first one"),
                            pipeline.find("InventoryAlarm").map(Resource::properties).stream()
                                    .filter(alarm -> !missesInventories(alarm))
                                    .map(alarm -> "three days without an inventory raise no alarm"))
                    .toList();
        }

        private static boolean countsOne(Pipeline pipeline, String alarmId, String metric) {
            PropertyMap alarm = pipeline.properties(alarmId);
            return alarm.text("MetricName").equals(Optional.of(metric))
                    && alarm.text("Statistic").equals(Optional.of("Maximum"))
                    && alarm.text("ComparisonOperator").equals(Optional.of("GreaterThanThreshold"))
                    && alarm.integer("Threshold").equals(Optional.of(0))
                    && alarm.integer("EvaluationPeriods").equals(Optional.of(1));
        }

        private static boolean missesInventories(PropertyMap alarm) {
            int seconds = alarm.integer("Period").orElse(0)
                    * alarm.integer("EvaluationPeriods").orElse(0);
            return alarm.text("MetricName").equals(Optional.of("InventoriesReconciled"))
                    && alarm.text("Statistic").equals(Optional.of("Maximum"))
                    && alarm.text("ComparisonOperator").equals(Optional.of("LessThanThreshold"))
                    && alarm.integer("Threshold").equals(Optional.of(1))
                    && !alarm.contains("DatapointsToAlarm")
                    && seconds == 3 * 86_400
                    && alarm.text("TreatMissingData").equals(Optional.of("breaching"));
        }
    }
}
