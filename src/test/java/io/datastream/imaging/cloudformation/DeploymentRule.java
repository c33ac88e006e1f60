package io.datastream.imaging.cloudformation;

import static io.datastream.imaging.cloudformation.PreflightRule.unless;

import io.datastream.imaging.ingest.IngestHandler;
import io.datastream.imaging.local.template.PropertyMap;
import io.datastream.imaging.local.template.Resource;
import io.datastream.imaging.metadata.PatientIdPattern;
import io.datastream.imaging.reconcile.ReconcileHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What only a deployment to AWS would show: order, retention, permissions of roles, runtime and versions. */
enum DeploymentRule implements PreflightRule {
    DATA_OUTLIVES_THE_STACK_BUT_NOT_A_FAILED_FIRST_DEPLOYMENT {
        @Override
        public List<String> violations(Pipeline pipeline) {
            return pipeline
                    .ofTypes(
                            "AWS::KMS::Key",
                            "AWS::KMS::Alias",
                            "AWS::S3::Bucket",
                            "AWS::S3::BucketPolicy",
                            "AWS::DynamoDB::Table",
                            "AWS::Logs::LogGroup")
                    .stream()
                    .filter(resource -> !isKept(resource))
                    .map(resource -> resource.logicalId() + " is deleted with its stack, or stops the next deployment")
                    .toList();
        }

        /** A log group is kept in any case, because it says why a deployment failed: so it must have no fixed name. */
        private static boolean isKept(Resource resource) {
            boolean log = resource.type().equals("AWS::Logs::LogGroup");
            String policy = log ? "Retain" : "RetainExceptOnCreate";
            return resource.attributes().text("DeletionPolicy").equals(Optional.of(policy))
                    && resource.attributes().text("UpdateReplacePolicy").equals(Optional.of("Retain"))
                    && !(log && resource.properties().contains("LogGroupName"));
        }
    },
    TABLE_IS_CREATED_LAST {
        @Override
        public List<String> violations(Pipeline pipeline) {
            if (pipeline.find("Table").isEmpty()) {
                return List.of();
            }
            Set<String> before = pipeline.stack().dependencies("Table");
            return pipeline.stack().resources().stream()
                    .map(Resource::logicalId)
                    .filter(logicalId -> !logicalId.equals("Table") && !before.contains(logicalId))
                    .map(logicalId -> logicalId + " may fail after the protected table is there")
                    .toList();
        }
    },
    WHAT_AWS_CHECKS_IS_CREATED_BEFORE {
        @Override
        public List<String> violations(Pipeline pipeline) {
            Map<String, List<String>> needed = Map.of(
                    "Bucket", List.of("TopicPolicy", "LogBucketPolicy", "InventoryBucketPolicy"),
                    "InventoryBucket", List.of("LogBucketPolicy", "ReconcileQueuePolicy"),
                    "Subscription", List.of("QueuePolicy", "SubscriptionDeadLetterQueuePolicy"),
                    "Function", List.of("FunctionTracingPolicy"),
                    "EventSource", List.of("FunctionPolicy"),
                    "ReconcileEventSource", List.of("ReconcilePolicy"));
            return needed.entrySet().stream()
                    .filter(entry -> pipeline.find(entry.getKey()).isPresent())
                    .flatMap(entry -> entry.getValue().stream()
                            .filter(first -> pipeline.find(first).isPresent())
                            .filter(first -> !pipeline.stack()
                                    .dependencies(entry.getKey())
                                    .contains(first))
                            .map(first -> entry.getKey() + " may be created before " + first))
                    .toList();
        }
    },
    EVERY_POLICY_IS_ATTACHED {
        @Override
        public List<String> violations(Pipeline pipeline) {
            Collection<String> outputs = pipeline.stack().outputs().values();
            return pipeline.ofTypes("AWS::IAM::ManagedPolicy").stream()
                    .filter(policy -> policy.properties().texts("Roles").isEmpty())
                    // An administrator attaches a policy that is an output.
                    .filter(policy -> !outputs.contains(pipeline.stack().reference(policy)))
                    .map(policy -> policy.logicalId() + " is attached to nobody")
                    .toList();
        }
    },
    FUNCTION_MAY_MAKE_EXACTLY_ITS_CALLS {
        @Override
        public List<String> violations(Pipeline pipeline) {
            return Pipeline.ofEachFunction(queued -> of(pipeline, queued));
        }

        private static List<String> of(Pipeline pipeline, Pipeline.QueuedFunction queued) {
            String role = pipeline.stack().reference(pipeline.resource(queued.role()));
            Map<String, Set<String>> allowed = new TreeMap<>();
            Map<String, Set<String>> services = new TreeMap<>();
            pipeline.ofTypes("AWS::IAM::ManagedPolicy").stream()
                    .filter(policy -> policy.properties().texts("Roles").contains(role))
                    .flatMap(PolicyStatement::of)
                    .forEach(statement -> {
                        for (String action : statement.actions()) {
                            allowed.computeIfAbsent(
                                            statement.allows() ? action : "no " + action, first -> new TreeSet<>())
                                    .addAll(statement.resources());
                            if (action.startsWith("kms:")) {
                                services.computeIfAbsent(action, first -> new TreeSet<>())
                                        .addAll(statement.required("kms:ViaService"));
                            }
                        }
                    });
            boolean ingest = queued == Pipeline.INGEST;
            Map<String, Set<String>> needed = neededByBoth(pipeline, queued);
            needed.putAll(ingest ? neededByIngest(pipeline) : neededByReconcile(pipeline));
            Map<String, Set<String>> neededServices = ingest
                    ? Map.of("kms:Decrypt", domains("sqs", "dynamodb"))
                    : Map.of("kms:Decrypt", domains("sqs", "dynamodb", "s3"), "kms:GenerateDataKey", domains("sqs"));
            boolean others = Stream.of("Policies", "ManagedPolicyArns", "PermissionsBoundary")
                    .anyMatch(pipeline.properties(queued.role())::contains);
            String runsAs = pipeline.properties(queued.function()).requiredText("Role");
            return Stream.of(
                            unless(allowed.equals(needed), "it may " + allowed + ", it needs " + needed),
                            unless(services.equals(neededServices), "it may use the key through " + services),
                            unless(!others, "its role has other policies"),
                            unless(runsAs.equals(pipeline.arn(queued.role())), "it runs as " + runsAs))
                    .flatMap(List::stream)
                    .toList();
        }

        private static Set<String> domains(String... services) {
            return Stream.of(services)
                    .map(service -> service + "." + Pipeline.REGION + ".amazonaws.com")
                    .collect(Collectors.toSet());
        }

        private static Map<String, Set<String>> neededByBoth(Pipeline pipeline, Pipeline.QueuedFunction queued) {
            Set<String> queue = Set.of(pipeline.arn(queued.queue()));
            Set<String> logs = Set.of(pipeline.arn(queued.logs()));
            return new TreeMap<>(Map.of(
                    "sqs:ReceiveMessage", queue,
                    "sqs:DeleteMessage", queue,
                    "sqs:GetQueueAttributes", queue,
                    "kms:Decrypt", Set.of(pipeline.output("KeyArn")),
                    "logs:CreateLogStream", logs,
                    "logs:PutLogEvents", logs));
        }

        private static Map<String, Set<String>> neededByIngest(Pipeline pipeline) {
            Map<String, Set<String>> needed = new TreeMap<>(Map.of("dynamodb:BatchWriteItem", Set.of(table(pipeline))));
            boolean traced = pipeline.properties("Function")
                    .object("TracingConfig")
                    .flatMap(tracing -> tracing.text("Mode"))
                    .equals(Optional.of("Active"));
            if (traced) {
                needed.put("xray:PutTraceSegments", Set.of("*"));
                needed.put("xray:PutTelemetryRecords", Set.of("*"));
            }
            return needed;
        }

        private static Map<String, Set<String>> neededByReconcile(Pipeline pipeline) {
            String inventories = pipeline.arn("InventoryBucket");
            Map<String, Set<String>> needed = new TreeMap<>(Map.of(
                    "sqs:SendMessage", Set.of(pipeline.arn("ReconcileQueue")),
                    "kms:GenerateDataKey", Set.of(pipeline.output("KeyArn")),
                    "s3:GetObject", Set.of(inventories + "/*"),
                    "s3:ListBucket", Set.of(inventories),
                    "dynamodb:BatchGetItem", Set.of(table(pipeline))));
            if (pipeline.variables(Pipeline.RECONCILE).text("RECONCILE_MODE").equals(Optional.of("repair"))) {
                needed.put("dynamodb:PutItem", Set.of(table(pipeline)));
            }
            return needed;
        }

        private static String table(Pipeline pipeline) {
            return "arn:aws:dynamodb:" + Pipeline.REGION + ":" + Pipeline.ACCOUNT + ":table/"
                    + pipeline.output("TableName");
        }
    },
    LAMBDA_CAN_ASSUME_THE_FUNCTIONS_ROLE {
        @Override
        public List<String> violations(Pipeline pipeline) {
            return Pipeline.ofEachFunction(queued -> unless(
                    PolicyStatement.of(pipeline.resource(queued.role()))
                            .anyMatch(statement -> statement.allows()
                                    && statement.services().equals(List.of("lambda.amazonaws.com"))
                                    && statement.actions().equals(List.of("sts:AssumeRole"))),
                    "Lambda cannot assume its role"));
        }
    },
    FUNCTION_IS_WHAT_THE_JAR_HOLDS {
        @Override
        public List<String> violations(Pipeline pipeline) {
            return Stream.concat(
                            of(pipeline, Pipeline.INGEST, IngestHandler.class, "ingest-function.jar"),
                            of(pipeline, Pipeline.RECONCILE, ReconcileHandler.class, "imaging.jar"))
                    .toList();
        }

        private static Stream<String> of(
                Pipeline pipeline, Pipeline.QueuedFunction queued, Class<?> handlerClass, String jar) {
            PropertyMap function = pipeline.properties(queued.function());
            String runtime = function.requiredText("Runtime");
            String handler = function.requiredText("Handler");
            Path code = Path.of("cloudformation", function.requiredText("Code")).normalize();
            return Stream.of(
                            unless(
                                    runtime.equals("java" + javaVersion()),
                                    "the runtime is " + runtime + ", the classes are for Java " + javaVersion()),
                            unless(
                                    handler.equals(handlerClass.getName() + "::handleRequest"),
                                    "the handler is " + handler),
                            unless(code.equals(Path.of("target", jar)), "the code is " + code))
                    .flatMap(List::stream);
        }

        /** The Java version of the compiled handler: the fourth 16-bit number of a class file, less 44. */
        private static int javaVersion() {
            try (InputStream classFile = IngestHandler.class.getResourceAsStream("IngestHandler.class")) {
                return ByteBuffer.wrap(classFile.readNBytes(8)).getShort(6) - 44;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    },
    FUNCTION_GETS_ITS_SETTINGS {
        @Override
        public List<String> violations(Pipeline pipeline) {
            Set<String> ofReconcile = Set.of(
                    "TABLE_NAME",
                    "PATIENT_ID_PATTERN",
                    "RELEASE",
                    "BUCKET_NAME",
                    "KEY_SUFFIXES",
                    "RECONCILE_MODE",
                    "MAXIMUM_REPAIRS",
                    "CUT_OFF_SECONDS",
                    "RECONCILE_QUEUE_URL");
            Set<String> ofIngest = Set.of("TABLE_NAME", "PATIENT_ID_PATTERN", "RELEASE");
            return Pipeline.ofEachFunction(queued -> {
                PropertyMap variables = pipeline.variables(queued);
                Set<String> names = variables.asMap().keySet();
                return Stream.of(
                                unless(
                                        names.containsAll(queued == Pipeline.INGEST ? ofIngest : ofReconcile),
                                        "its variables are " + names),
                                unless(
                                        variables
                                                .text("PATIENT_ID_PATTERN")
                                                .filter(DeploymentRule::compiles)
                                                .isPresent(),
                                        "the pattern does not compile"))
                        .flatMap(List::stream)
                        .toList();
            });
        }
    },
    ALIAS_FOLLOWS_THE_RELEASE_AND_EARLIER_VERSIONS_ARE_KEPT {
        @Override
        public List<String> violations(Pipeline pipeline) {
            return Pipeline.ofEachFunction(queued -> of(pipeline, queued));
        }

        private static List<String> of(Pipeline pipeline, Pipeline.QueuedFunction queued) {
            if (pipeline.find(queued.alias()).isEmpty()) {
                return List.of();
            }
            PropertyMap alias = pipeline.properties(queued.alias());
            Resource version = pipeline.resource(queued.version());
            String function = pipeline.stack().reference(pipeline.resource(queued.function()));
            String target = alias.requiredText("FunctionVersion");
            return Stream.of(
                            unless(
                                    pipeline.stack()
                                                    .dependencies(queued.alias())
                                                    .contains(queued.version())
                                            && target.equals(pipeline.stack().attribute(version, "Version")),
                                    "the alias points at " + target),
                            unless(
                                    Stream.of(alias, version.properties())
                                            .allMatch(map -> map.requiredText("FunctionName")
                                                    .equals(function)),
                                    "version or alias is of another function"),
                            unless(
                                    version.attributes()
                                            .text("UpdateReplacePolicy")
                                            .equals(Optional.of("Retain")),
                                    "a new version deletes the one before"),
                            unless(
                                    version.attributes().text("DeletionPolicy").equals(Optional.of("Delete")),
                                    "a version whose deployment failed is kept"))
                    .flatMap(List::stream)
                    .toList();
        }
    };

    private static boolean compiles(String pattern) {
        try {
            PatientIdPattern.compile(pattern);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
