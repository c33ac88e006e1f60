package io.datastream.imaging.cloudformation;

import static io.datastream.imaging.cloudformation.PreflightRule.unless;

import io.datastream.imaging.local.template.PropertyMap;
import io.datastream.imaging.local.template.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What the pipeline promises: nothing lost, nothing exposed, within limits. */
enum PipelineRule implements PreflightRule {
    VISIBILITY_COVERS_SIX_TIMEOUTS_AND_THE_WINDOW {
        @Override
        public List<String> violations(Pipeline pipeline) {
            return Pipeline.ofEachFunction(queued -> {
                int needed = 6 * pipeline.number(queued.function(), "Timeout")
                        + pipeline.number(queued.eventSource(), "MaximumBatchingWindowInSeconds");
                int given = pipeline.number(queued.queue(), "VisibilityTimeout");
                return unless(
                        given >= needed, "the visibility timeout is " + given + " s, needed are " + needed + " s");
            });
        }
    },
    MESSAGES_ARE_TRIED_FIVE_TIMES {
        @Override
        public List<String> violations(Pipeline pipeline) {
            return Pipeline.ofEachFunction(queued -> {
                int tries = redrive(pipeline, queued).integer("maxReceiveCount").orElse(0);
                return unless(tries >= 5, "a message is tried " + tries + " times");
            });
        }
    },
    ONE_BAD_MESSAGE_FAILS_ALONE {
        @Override
        public List<String> violations(Pipeline pipeline) {
            return Pipeline.ofEachFunction(queued -> {
                List<String> types = pipeline.properties(queued.eventSource()).texts("FunctionResponseTypes");
                return unless(types.contains("ReportBatchItemFailures"), "the response types are " + types);
            });
        }
    },
    POLLER_KEEPS_TO_WHAT_IS_RESERVED {
        @Override
        public List<String> violations(Pipeline pipeline) {
            return Pipeline.ofEachFunction(queued -> {
                int maximum = pipeline.properties(queued.eventSource())
                        .object("ScalingConfig")
                        .flatMap(scaling -> scaling.integer("MaximumConcurrency"))
                        .orElse(Integer.MAX_VALUE);
                int reserved = pipeline.properties(queued.function())
                        .integer("ReservedConcurrentExecutions")
                        .orElse(1000);
                return unless(maximum <= reserved, "the poller goes to " + maximum + ", reserved are " + reserved);
            });
        }
    },
    QUEUE_FEEDS_A_SNAPSHOT {
        @Override
        public List<String> violations(Pipeline pipeline) {
            return Pipeline.ofEachFunction(queued -> of(pipeline, queued));
        }

        private static List<String> of(Pipeline pipeline, Pipeline.QueuedFunction queued) {
            if (pipeline.find(queued.alias()).isEmpty()) {
                return List.of();
            }
            PropertyMap function = pipeline.properties(queued.function());
            String fed = pipeline.properties(queued.eventSource()).requiredText("FunctionName");
            boolean snapshots = function.object("SnapStart")
                    .flatMap(snapStart -> snapStart.text("ApplyOn"))
                    .filter("PublishedVersions"::equals)
                    .isPresent();
            boolean flags = function.object("Environment")
                    .flatMap(environment -> environment.object("Variables"))
                    .filter(variables -> variables.contains("JAVA_TOOL_OPTIONS"))
                    .isPresent();
            return Stream.of(
                            unless(
                                    fed.equals(pipeline.stack().reference(pipeline.resource(queued.alias()))),
                                    "the queue feeds " + fed),
                            unless(snapshots, "versions have no snapshot"),
                            unless(!flags, "JVM flags with SnapStart"))
                    .flatMap(List::stream)
                    .toList();
        }
    },
    DEAD_LETTERS_OUTLIVE_THEIR_QUEUE {
        @Override
        public List<String> violations(Pipeline pipeline) {
            Map<String, String> queues = Map.of(
                    "DeadLetterQueue", "Queue",
                    "SubscriptionDeadLetterQueue", "Queue",
                    "ReconcileDeadLetterQueue", "ReconcileQueue");
            return queues.entrySet().stream()
                    .filter(entry -> retention(pipeline, entry.getKey()) <= retention(pipeline, entry.getValue()))
                    .map(entry -> entry.getKey() + " keeps its messages no longer than " + entry.getValue())
                    .toList();
        }

        private static int retention(Pipeline pipeline, String queue) {
            return pipeline.number(queue, "MessageRetentionPeriod");
        }
    },
    NOTHING_UNDELIVERED_IS_LOST {
        @Override
        public List<String> violations(Pipeline pipeline) {
            String undelivered = pipeline.properties("Subscription")
                    .object("RedrivePolicy")
                    .flatMap(policy -> policy.text("deadLetterTargetArn"))
                    .orElse("nowhere");
            return Stream.of(
                            Pipeline.ofEachFunction(queued -> of(pipeline, queued)),
                            unless(
                                    undelivered.equals(pipeline.arn("SubscriptionDeadLetterQueue")),
                                    "what SNS cannot deliver goes to " + undelivered))
                    .flatMap(List::stream)
                    .toList();
        }

        private static List<String> of(Pipeline pipeline, Pipeline.QueuedFunction queued) {
            List<String> sources = pipeline.properties(queued.deadLetterQueue())
                    .object("RedriveAllowPolicy")
                    .map(policy -> policy.texts("sourceQueueArns"))
                    .orElse(List.of());
            String target =
                    redrive(pipeline, queued).text("deadLetterTargetArn").orElse("nowhere");
            return Stream.of(
                            unless(
                                    target.equals(pipeline.arn(queued.deadLetterQueue())),
                                    "dead letters go to " + target),
                            unless(sources.equals(List.of(pipeline.arn(queued.queue()))), "the DLQ admits " + sources))
                    .flatMap(List::stream)
                    .toList();
        }
    },
    WAITING_DEAD_LETTERS_RAISE_AN_ALARM {
        @Override
        public List<String> violations(Pipeline pipeline) {
            return Stream.of("DeadLetterQueue", "SubscriptionDeadLetterQueue", "ReconcileDeadLetterQueue")
                    .filter(queue -> pipeline.ofTypes("AWS::CloudWatch::Alarm").stream()
                            .noneMatch(alarm -> watches(alarm, pipeline.properties(queue))))
                    .map(queue -> "no alarm on one visible message in " + queue)
                    .toList();
        }

        private static boolean watches(Resource alarm, PropertyMap queue) {
            PropertyMap properties = alarm.properties();
            return properties.text("MetricName").equals(Optional.of("ApproximateNumberOfMessagesVisible"))
                    && properties.text("Statistic").equals(Optional.of("Maximum"))
                    && properties.text("ComparisonOperator").equals(Optional.of("GreaterThanThreshold"))
                    && properties.integer("Threshold").equals(Optional.of(0))
                    && alarm.properties().objects("Dimensions").stream()
                            .anyMatch(dimension -> dimension.text("Value").equals(queue.text("QueueName")));
        }
    },
    ALARMS_SAY_WHAT_TO_DO {
        @Override
        public List<String> violations(Pipeline pipeline) {
            return pipeline.ofTypes("AWS::CloudWatch::Alarm").stream()
                    .filter(alarm -> !saysWhatToDo(alarm.properties()))
                    .map(alarm -> alarm.logicalId() + " notifies nobody, or does not say where to read on")
                    .toList();
        }

        private static boolean saysWhatToDo(PropertyMap alarm) {
            String anchor = alarm.requiredText("AlarmName").replaceFirst("imaging-", "#alarm-");
            return alarm.text("AlarmDescription").orElse("").endsWith(anchor)
                    && !alarm.texts("AlarmActions").isEmpty();
        }
    },
    KEY_IS_GRANTED_TO_BUCKETS_AND_TOPIC {
        @Override
        public List<String> violations(Pipeline pipeline) {
            if (pipeline.find("Key").isEmpty()) {
                return List.of();
            }
            List<String> violations = new ArrayList<>();
            if (pipeline.find("Bucket").isPresent()) {
                violations.addAll(unless(
                        grants(pipeline, "s3.amazonaws.com", "aws:SourceArn", pipeline.arn("Bucket")),
                        "S3 cannot encrypt for the topic"));
            }
            violations.addAll(unless(
                    grants(pipeline, "sns.amazonaws.com", "aws:SourceArn", pipeline.arn("Topic")),
                    "SNS cannot encrypt for the queue"));
            String inventories = pipeline.arn("ReconcileQueue");
            violations.addAll(unless(
                    grants(pipeline, "s3.amazonaws.com", "kms:EncryptionContext:aws:sqs:arn", inventories),
                    "S3 cannot encrypt for the queue of inventories"));
            return violations;
        }

        private static boolean grants(Pipeline pipeline, String service, String conditionKey, String value) {
            return PolicyStatement.of(pipeline.resource("Key"))
                    .anyMatch(statement -> statement.services().contains(service)
                            && statement.actions().containsAll(List.of("kms:GenerateDataKey", "kms:Decrypt"))
                            && statement.required(conditionKey).equals(List.of(value)));
        }
    },
    SERVICES_ACT_FOR_KNOWN_SOURCES {
        @Override
        public List<String> violations(Pipeline pipeline) {
            return grantsThat(
                    pipeline,
                    statement -> !statement.services().isEmpty()
                            && !statement.services().equals(List.of("lambda.amazonaws.com"))
                            && !statement.isLimitedToASource(),
                    "is not limited to a source");
        }
    },
    NOBODY_GETS_EVERYTHING {
        @Override
        public List<String> violations(Pipeline pipeline) {
            return grantsThat(pipeline, PolicyStatement::isTooWide, "is too wide");
        }
    },
    EVERYTHING_IS_ENCRYPTED {
        @Override
        public List<String> violations(Pipeline pipeline) {
            Predicate<Resource> encrypted = resource -> switch (resource.type()) {
                case "AWS::S3::Bucket" -> resource.properties().contains("BucketEncryption");
                case "AWS::DynamoDB::Table" ->
                    resource.properties()
                            .object("SSESpecification")
                            .filter(specification -> specification.contains("KMSMasterKeyId"))
                            .isPresent();
                case "AWS::Logs::LogGroup" -> resource.properties().contains("KmsKeyId");
                default -> resource.properties().contains("KmsMasterKeyId");
            };
            return pipeline
                    .ofTypes(
                            "AWS::SNS::Topic",
                            "AWS::SQS::Queue",
                            "AWS::S3::Bucket",
                            "AWS::DynamoDB::Table",
                            "AWS::Logs::LogGroup")
                    .stream()
                    .filter(encrypted.negate())
                    .map(resource -> resource.logicalId() + " is not encrypted with the key")
                    .toList();
        }
    },
    NOTHING_TRAVELS_IN_PLAIN_TEXT {
        @Override
        public List<String> violations(Pipeline pipeline) {
            return pipeline.ofTypes("AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::S3::Bucket").stream()
                    .map(Resource::logicalId)
                    .filter(logicalId -> pipeline.statements().stream()
                            .noneMatch(statement -> statement.refusesPlainText(pipeline.arn(logicalId))))
                    .map(logicalId -> logicalId + " takes calls without TLS")
                    .toList();
        }
    },
    DATA_CANNOT_BE_LOST_BY_MISTAKE {
        @Override
        public List<String> violations(Pipeline pipeline) {
            Stream<String> buckets = pipeline.ofTypes("AWS::S3::Bucket").stream()
                    .filter(bucket -> !isVersioned(bucket.properties()) || !isPrivate(bucket.properties()))
                    .map(bucket -> bucket.logicalId() + " is public or keeps no versions");
            Stream<String> tables = pipeline.ofTypes("AWS::DynamoDB::Table").stream()
                    .filter(table -> !isProtected(table.properties()))
                    .map(table -> table.logicalId() + " can be deleted or not be restored");
            return Stream.concat(buckets, tables).toList();
        }

        private static boolean isVersioned(PropertyMap bucket) {
            return bucket.object("VersioningConfiguration")
                    .flatMap(versioning -> versioning.text("Status"))
                    .filter("Enabled"::equals)
                    .isPresent();
        }

        private static boolean isPrivate(PropertyMap bucket) {
            return bucket.object("PublicAccessBlockConfiguration")
                    .filter(block -> Stream.of(
                                    "BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
                            .allMatch(name -> block.bool(name).orElse(false)))
                    .isPresent();
        }

        private static boolean isProtected(PropertyMap table) {
            return table.bool("DeletionProtectionEnabled").orElse(false)
                    && table.object("PointInTimeRecoverySpecification")
                            .flatMap(recovery -> recovery.bool("PointInTimeRecoveryEnabled"))
                            .orElse(false);
        }
    };

    private static List<String> grantsThat(Pipeline pipeline, Predicate<PolicyStatement> broken, String how) {
        return pipeline.statements().stream()
                .filter(PolicyStatement::allows)
                .filter(broken)
                .map(statement -> statement + " " + how)
                .toList();
    }

    private static PropertyMap redrive(Pipeline pipeline, Pipeline.QueuedFunction queued) {
        return pipeline.properties(queued.queue()).object("RedrivePolicy").orElseThrow();
    }
}
