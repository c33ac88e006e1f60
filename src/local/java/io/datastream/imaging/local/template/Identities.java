package io.datastream.imaging.local.template;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * The names that AWS would give a stack's resources, made up without chance: the same template gives the same names.
 * What {@code Ref} and {@code Fn::GetAtt} return for each type is in
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
 */
final class Identities {
    private final StackSettings stack;

    Identities(StackSettings stack) {
        this.stack = stack;
    }

    /** Whether the attributes of this type are all known here; others answer to any attribute. */
    static boolean complete(String type) {
        return switch (type) {
            case "AWS::S3::Bucket", "AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::DynamoDB::Table" -> true;
            case "AWS::Lambda::Function", "AWS::Lambda::Version", "AWS::Lambda::Alias" -> true;
            case "AWS::Lambda::EventSourceMapping", "AWS::Logs::LogGroup", "AWS::IAM::Role", "AWS::KMS::Key" -> true;
            default -> false;
        };
    }

    /**
     * What a resource is called.
     *
     * @param property the text of one of the resource's properties, if it has it
     */
    Identity identity(String logicalId, String type, Function<String, Optional<String>> property) {
        Function<String, String> name =
                nameProperty -> property.apply(nameProperty).orElse(generatedName(logicalId));
        return switch (type) {
            case "AWS::S3::Bucket" ->
                bucket(property.apply("BucketName")
                        .orElse(generatedName(logicalId).toLowerCase(Locale.ROOT)));
            case "AWS::SNS::Topic" -> topic(name.apply("TopicName"));
            case "AWS::SNS::Subscription" -> {
                String arn = property.apply("TopicArn").orElse("") + ":" + id(logicalId);
                yield new Identity(arn, Map.of("Arn", arn));
            }
            case "AWS::SQS::Queue" -> queue(name.apply("QueueName"));
            case "AWS::DynamoDB::Table" -> named(name.apply("TableName"), table -> arn("dynamodb", "table/" + table));
            case "AWS::Lambda::Function" -> named(name.apply("FunctionName"), this::functionArn);
            case "AWS::Lambda::Version" -> {
                String arn = functionArn(property.apply("FunctionName").orElse("")) + ":1";
                yield new Identity(arn, Map.of("Version", "1", "FunctionArn", arn));
            }
            case "AWS::Lambda::Alias" -> {
                String arn = functionArn(property.apply("FunctionName").orElse("")) + ":" + name.apply("Name");
                yield new Identity(arn, Map.of("AliasArn", arn));
            }
            case "AWS::Lambda::EventSourceMapping" ->
                new Identity(
                        id(logicalId),
                        Map.of(
                                "Id", id(logicalId),
                                "EventSourceMappingArn", arn("lambda", "event-source-mapping:" + id(logicalId))));
            case "AWS::Logs::LogGroup" ->
                named(name.apply("LogGroupName"), group -> arn("logs", "log-group:" + group + ":*"));
            case "AWS::IAM::Role" -> {
                String role = name.apply("RoleName");
                yield new Identity(role, Map.of("Arn", global("iam", "role/" + role), "RoleId", id(logicalId)));
            }
            case "AWS::KMS::Key" ->
                new Identity(id(logicalId), Map.of("KeyId", id(logicalId), "Arn", arn("kms", "key/" + id(logicalId))));
            case "AWS::KMS::Alias" -> new Identity(name.apply("AliasName"), Map.of());
            default -> other(logicalId, type);
        };
    }

    private Identity bucket(String bucket) {
        return new Identity(
                bucket,
                Map.of(
                        "Arn", "arn:aws:s3:::" + bucket,
                        "DomainName", bucket + ".s3.amazonaws.com",
                        "RegionalDomainName", bucket + ".s3." + stack.region() + ".amazonaws.com"));
    }

    private Identity topic(String topic) {
        String arn = arn("sns", topic);
        return new Identity(arn, Map.of("TopicArn", arn, "TopicName", topic));
    }

    private Identity queue(String queue) {
        String url = stack.queues() + "/" + stack.account() + "/" + queue;
        return new Identity(url, Map.of("QueueUrl", url, "Arn", arn("sqs", queue), "QueueName", queue));
    }

    private static Identity named(String name, Function<String, String> arn) {
        return new Identity(name, Map.of("Arn", arn.apply(name)));
    }

    private Identity other(String logicalId, String type) {
        String service = type.split("::")[Math.min(1, type.split("::").length - 1)].toLowerCase(Locale.ROOT);
        return named(generatedName(logicalId), name -> arn(service, name));
    }

    /** A function's ARN, from its name or from the ARN itself, with or without a qualifier. */
    private String functionArn(String function) {
        String name = function.startsWith("arn:") ? function.split(":")[6] : function;
        return arn("lambda", "function:" + name);
    }

    private String generatedName(String logicalId) {
        return stack.stackName() + "-" + logicalId;
    }

    private String id(String logicalId) {
        return UUID.nameUUIDFromBytes(generatedName(logicalId).getBytes(StandardCharsets.UTF_8))
                .toString();
    }

    private String arn(String service, String resource) {
        return "arn:aws:" + service + ":" + stack.region() + ":" + stack.account() + ":" + resource;
    }

    private String global(String service, String resource) {
        return "arn:aws:" + service + "::" + stack.account() + ":" + resource;
    }
}
