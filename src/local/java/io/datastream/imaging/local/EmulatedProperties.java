package io.datastream.imaging.local;

import io.datastream.imaging.local.template.Resource;
import io.datastream.imaging.local.template.Stack;
import io.datastream.imaging.local.template.TemplateException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The properties of the resource types that are emulated here. Any other property is refused: to ignore it would hide
 * what it does on AWS, where a subscription's filter policy, say, can lose every upload.
 */
public final class EmulatedProperties {
    /** Properties that the embedded cloud reads, or that only name a resource. */
    private static final Map<String, Set<String>> READ = byType(
            """
            AWS::S3::Bucket                BucketName
            AWS::S3::Bucket                VersioningConfiguration.Status
            AWS::S3::Bucket                NotificationConfiguration.TopicConfigurations.Event
            AWS::S3::Bucket                NotificationConfiguration.TopicConfigurations.Topic
            AWS::S3::Bucket                NotificationConfiguration.TopicConfigurations.Filter.S3Key.Rules.Name
            AWS::S3::Bucket                NotificationConfiguration.TopicConfigurations.Filter.S3Key.Rules.Value
            AWS::S3::Bucket                NotificationConfiguration.QueueConfigurations.Event
            AWS::S3::Bucket                NotificationConfiguration.QueueConfigurations.Queue
            AWS::S3::Bucket                NotificationConfiguration.QueueConfigurations.Filter.S3Key.Rules.Name
            AWS::S3::Bucket                NotificationConfiguration.QueueConfigurations.Filter.S3Key.Rules.Value
            AWS::S3::Bucket                InventoryConfigurations.Id
            AWS::S3::Bucket                InventoryConfigurations.Enabled
            AWS::S3::Bucket                InventoryConfigurations.ScheduleFrequency
            AWS::S3::Bucket                InventoryConfigurations.IncludedObjectVersions
            AWS::S3::Bucket                InventoryConfigurations.OptionalFields
            AWS::S3::Bucket                InventoryConfigurations.Destination.BucketArn
            AWS::S3::Bucket                InventoryConfigurations.Destination.BucketAccountId
            AWS::S3::Bucket                InventoryConfigurations.Destination.Prefix
            AWS::S3::Bucket                InventoryConfigurations.Destination.Format
            AWS::SNS::Topic                TopicName
            AWS::SNS::TopicPolicy          Topics
            AWS::SNS::TopicPolicy          PolicyDocument
            AWS::SNS::Subscription         TopicArn
            AWS::SNS::Subscription         Protocol
            AWS::SNS::Subscription         Endpoint
            AWS::SNS::Subscription         RawMessageDelivery
            AWS::SNS::Subscription         RedrivePolicy.deadLetterTargetArn
            AWS::SQS::Queue                QueueName
            AWS::SQS::Queue                VisibilityTimeout
            AWS::SQS::Queue                MessageRetentionPeriod
            AWS::SQS::Queue                DelaySeconds
            AWS::SQS::Queue                ReceiveMessageWaitTimeSeconds
            AWS::SQS::Queue                RedrivePolicy.deadLetterTargetArn
            AWS::SQS::Queue                RedrivePolicy.maxReceiveCount
            AWS::SQS::QueuePolicy          Queues
            AWS::SQS::QueuePolicy          PolicyDocument
            AWS::DynamoDB::Table           TableName
            AWS::DynamoDB::Table           BillingMode
            AWS::DynamoDB::Table           KeySchema.AttributeName
            AWS::DynamoDB::Table           KeySchema.KeyType
            AWS::DynamoDB::Table           AttributeDefinitions.AttributeName
            AWS::DynamoDB::Table           AttributeDefinitions.AttributeType
            AWS::DynamoDB::Table           GlobalSecondaryIndexes.IndexName
            AWS::DynamoDB::Table           GlobalSecondaryIndexes.KeySchema.AttributeName
            AWS::DynamoDB::Table           GlobalSecondaryIndexes.KeySchema.KeyType
            AWS::DynamoDB::Table           GlobalSecondaryIndexes.Projection.ProjectionType
            AWS::DynamoDB::Table           GlobalSecondaryIndexes.Projection.NonKeyAttributes
            AWS::Lambda::Function          FunctionName
            AWS::Lambda::Function          Handler
            AWS::Lambda::Function          MemorySize
            AWS::Lambda::Function          Timeout
            AWS::Lambda::Function          ReservedConcurrentExecutions
            AWS::Lambda::Function          Environment.Variables
            AWS::Lambda::Version           FunctionName
            AWS::Lambda::Alias             FunctionName
            AWS::Lambda::Alias             Name
            AWS::Lambda::EventSourceMapping FunctionName
            AWS::Lambda::EventSourceMapping EventSourceArn
            AWS::Lambda::EventSourceMapping Enabled
            AWS::Lambda::EventSourceMapping BatchSize
            AWS::Lambda::EventSourceMapping MaximumBatchingWindowInSeconds
            AWS::Lambda::EventSourceMapping ScalingConfig.MaximumConcurrency
            AWS::Lambda::EventSourceMapping FunctionResponseTypes
            """);

    /** Properties that change neither which messages arrive nor which records are written here, each with the reason. */
    private static final Map<String, Set<String>> HARMLESS = byType(
            """
            AWS::S3::Bucket                BucketEncryption                 at rest only; the key's policy is a preflight rule
            AWS::S3::Bucket                OwnershipControls                of access lists, which are not emulated
            AWS::S3::Bucket                PublicAccessBlockConfiguration   uploads here carry credentials
            AWS::S3::Bucket                LifecycleConfiguration           acts after days
            AWS::S3::Bucket                LoggingConfiguration             access logs are not emulated
            AWS::SNS::Topic                KmsMasterKeyId                   at rest only; the key's policy is a preflight rule
            AWS::SNS::Topic                TracingConfig                    adds a trace header, which the function ignores
            AWS::SQS::Queue                KmsMasterKeyId                   at rest only; the key's policy is a preflight rule
            AWS::SQS::Queue                RedriveAllowPolicy               ElasticMQ refuses it; a preflight rule
            AWS::DynamoDB::Table           SSESpecification                 at rest only
            AWS::DynamoDB::Table           DeletionProtectionEnabled        nothing here deletes the table
            AWS::DynamoDB::Table           PointInTimeRecoverySpecification restoring is not emulated
            AWS::DynamoDB::Table           WarmThroughput                   capacity is not emulated
            AWS::DynamoDB::Table           GlobalSecondaryIndexes.WarmThroughput  capacity is not emulated
            AWS::Lambda::Function          Description                      a text
            AWS::Lambda::Function          Runtime                          this JVM's; a preflight rule
            AWS::Lambda::Function          Architectures                    this machine's
            AWS::Lambda::Function          Code                             the jar is given when the cloud starts
            AWS::Lambda::Function          Role                             no IAM here; a preflight rule
            AWS::Lambda::Function          SnapStart                        environments start without a snapshot
            AWS::Lambda::Function          RecursiveLoop                    rounds are not counted here; a preflight rule
            AWS::Lambda::Function          LoggingConfig                    log lines go to the listener
            AWS::Lambda::Function          TracingConfig                    traces are not emulated
            AWS::Lambda::Version           Description                      a text
            AWS::Lambda::Alias             FunctionVersion                  one version here; a preflight rule
            """);

    private EmulatedProperties() {}

    /**
     * Checks every resource of an emulated type.
     *
     * @throws TemplateException naming the first property that is not known here
     */
    public static void check(Stack stack) {
        stack.resources().stream()
                .filter(resource -> READ.containsKey(resource.type()))
                .forEach(resource -> check(resource, "", resource.properties().asMap()));
    }

    private static void check(Resource resource, String parent, Object value) {
        switch (value) {
            case Map<?, ?> map ->
                map.forEach((name, child) -> {
                    String path = parent.isEmpty() ? String.valueOf(name) : parent + "." + name;
                    if (!isKnown(resource.type(), path)) {
                        if (!isParentOfKnown(resource.type(), path)) {
                            throw new TemplateException(
                                    resource.properties().place() + "." + path,
                                    "the embedded cloud does not emulate this property of " + resource.type());
                        }
                        check(resource, path, child);
                    }
                });
            case List<?> list -> list.forEach(element -> check(resource, parent, element));
            default ->
                throw new TemplateException(resource.properties().place() + "." + parent, "must be a map or a list");
        }
    }

    private static boolean isKnown(String type, String path) {
        return READ.get(type).contains(path)
                || HARMLESS.getOrDefault(type, Set.of()).contains(path);
    }

    private static boolean isParentOfKnown(String type, String path) {
        return READ.get(type).stream().anyMatch(known -> known.startsWith(path + "."));
    }

    private static Map<String, Set<String>> byType(String lines) {
        return lines.lines()
                .map(line -> line.split(" +", 3))
                .collect(Collectors.groupingBy(
                        columns -> columns[0], Collectors.mapping(columns -> columns[1], Collectors.toSet())));
    }
}
