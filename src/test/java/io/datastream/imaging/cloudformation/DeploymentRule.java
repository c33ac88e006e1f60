package io.datastream.imaging.cloudformation;

import static io.datastream.imaging.cloudformation.PreflightRule.unless;

import io.datastream.imaging.ingest.IngestHandler;
import io.datastream.imaging.local.template.PropertyMap;
import io.datastream.imaging.local.template.Resource;
import io.datastream.imaging.metadata.PatientIdPattern;
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
                    "InventoryBucket", List.of("LogBucketPolicy"),
                    "Subscription", List.of("QueuePolicy", "SubscriptionDeadLetterQueuePolicy"),
                    "Function", List.of("FunctionTracingPolicy"),
                    "EventSource", List.of("FunctionPolicy"));
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
            String role = pipeline.stack().reference(pipeline.resource("FunctionRole"));
            Map<String, Set<String>> allowed = new TreeMap<>();
            Set<String> services = new TreeSet<>();
            pipeline.ofTypes("AWS::IAM::ManagedPolicy").stream()
                    .filter(policy -> policy.properties().texts("Roles").contains(role))
                    .flatMap(PolicyStatement::of)
                    .forEach(statement -> {
                        services.addAll(statement.required("kms:ViaService"));
                        for (String action : statement.actions()) {
                            allowed.computeIfAbsent(
                                            statement.allows() ? action : "no " + action, first -> new TreeSet<>())
                                    .addAll(statement.resources());
                        }
                    });
            Map<String, Set<String>> needed = needed(pipeline);
            boolean others = Stream.of("Policies", "ManagedPolicyArns", "PermissionsBoundary")
                    .anyMatch(pipeline.properties("FunctionRole")::contains);
            String runsAs = pipeline.properties("Function").requiredText("Role");
            String domain = "." + Pipeline.REGION + ".amazonaws.com";
            return Stream.of(
                            unless(allowed.equals(needed), "the function may " + allowed + ", it needs " + needed),
                            unless(
                                    services.equals(Set.of("sqs" + domain, "dynamodb" + domain)),
                                    "the function may use the key through " + services),
                            unless(!others, "the function's role has other policies"),
                            unless(runsAs.equals(pipeline.arn("FunctionRole")), "the function runs as " + runsAs))
                    .flatMap(List::stream)
                    .toList();
        }

        private static Map<String, Set<String>> needed(Pipeline pipeline) {
            Set<String> queue = Set.of(pipeline.arn("Queue"));
            Set<String> logs = Set.of(pipeline.arn("FunctionLogs"));
            String table = pipeline.stack().outputs().get("TableName");
            Map<String, Set<String>> needed = new TreeMap<>(Map.of(
                    "sqs:ReceiveMessage",
                    queue,
                    "sqs:DeleteMessage",
                    queue,
                    "sqs:GetQueueAttributes",
                    queue,
                    "dynamodb:BatchWriteItem",
                    Set.of("arn:aws:dynamodb:" + Pipeline.REGION + ":" + Pipeline.ACCOUNT + ":table/" + table),
                    "kms:Decrypt",
                    Set.of(pipeline.stack().outputs().get("KeyArn")),
                    "logs:CreateLogStream",
                    logs,
                    "logs:PutLogEvents",
                    logs));
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
    },
    LAMBDA_CAN_ASSUME_THE_FUNCTIONS_ROLE {
        @Override
        public List<String> violations(Pipeline pipeline) {
            return unless(
                    PolicyStatement.of(pipeline.resource("FunctionRole"))
                            .anyMatch(statement -> statement.allows()
                                    && statement.services().equals(List.of("lambda.amazonaws.com"))
                                    && statement.actions().equals(List.of("sts:AssumeRole"))),
                    "Lambda cannot assume the function's role");
        }
    },
    FUNCTION_IS_WHAT_THE_JAR_HOLDS {
        @Override
        public List<String> violations(Pipeline pipeline) {
            PropertyMap function = pipeline.properties("Function");
            String runtime = function.requiredText("Runtime");
            String handler = function.requiredText("Handler");
            Path code = Path.of("cloudformation", function.requiredText("Code")).normalize();
            return Stream.of(
                            unless(
                                    runtime.equals("java" + javaVersion()),
                                    "the runtime is " + runtime + ", the classes are for Java " + javaVersion()),
                            unless(
                                    handler.equals(IngestHandler.class.getName() + "::handleRequest"),
                                    "the handler is " + handler),
                            unless(code.equals(Path.of("target", "ingest-function.jar")), "the code is " + code))
                    .flatMap(List::stream)
                    .toList();
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
            PropertyMap variables = pipeline.properties("Function")
                    .object("Environment")
                    .flatMap(environment -> environment.object("Variables"))
                    .orElseThrow();
            Set<String> names = variables.asMap().keySet();
            return Stream.of(
                            unless(
                                    names.containsAll(Set.of("TABLE_NAME", "PATIENT_ID_PATTERN", "RELEASE")),
                                    "the function's variables are " + names),
                            unless(
                                    variables
                                            .text("PATIENT_ID_PATTERN")
                                            .filter(DeploymentRule::compiles)
                                            .isPresent(),
                                    "the pattern does not compile"))
                    .flatMap(List::stream)
                    .toList();
        }
    },
    ALIAS_FOLLOWS_THE_RELEASE_AND_EARLIER_VERSIONS_ARE_KEPT {
        @Override
        public List<String> violations(Pipeline pipeline) {
            if (pipeline.find("FunctionAlias").isEmpty()) {
                return List.of();
            }
            PropertyMap alias = pipeline.properties("FunctionAlias");
            Resource version = pipeline.resource("FunctionVersion");
            String function = pipeline.stack().reference(pipeline.resource("Function"));
            String target = alias.requiredText("FunctionVersion");
            return Stream.of(
                            unless(
                                    pipeline.stack()
                                                    .dependencies("FunctionAlias")
                                                    .contains("FunctionVersion")
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
