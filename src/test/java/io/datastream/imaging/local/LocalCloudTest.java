package io.datastream.imaging.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import io.datastream.imaging.local.template.Template;
import io.datastream.imaging.local.template.TemplateException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.sqs.model.Message;

@Execution(ExecutionMode.CONCURRENT)
class LocalCloudTest {
    private static final String TEMPLATE =
            """
            Resources:
              Bucket:
                Type: AWS::S3::Bucket
                DependsOn: TopicPolicy
                Properties:
                  BucketName: uploads
                  NotificationConfiguration:
                    TopicConfigurations:
                      - {Event: 's3:ObjectCreated:*', Topic: !Ref Topic}
              Topic: {Type: AWS::SNS::Topic}
              TopicPolicy:
                Type: AWS::SNS::TopicPolicy
                Properties:
                  Topics: [!Ref Topic]
                  PolicyDocument:
                    Statement:
                      Effect: Allow
                      Principal: {Service: s3.amazonaws.com}
                      Action: sns:Publish
                      Resource: !Ref Topic
                      Condition: {ArnEquals: {'aws:SourceArn': 'arn:aws:s3:::uploads'}}
              Subscription:
                Type: AWS::SNS::Subscription
                Properties:
                  TopicArn: !Ref Topic
                  Protocol: sqs
                  Endpoint: !GetAtt Queue.Arn
                  RawMessageDelivery: true
                  RedrivePolicy: {deadLetterTargetArn: !GetAtt Undelivered.Arn}
              Queue:
                Type: AWS::SQS::Queue
                Properties:
                  VisibilityTimeout: 3
                  RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}
              Dead: {Type: AWS::SQS::Queue}
              Undelivered: {Type: AWS::SQS::Queue}
              QueuePolicy:
                Type: AWS::SQS::QueuePolicy
                Properties:
                  Queues: [!Ref Queue]
                  PolicyDocument:
                    Statement:
                      - {Effect: Allow, Principal: {Service: sns.amazonaws.com}, Action: 'sqs:SendMessage', Resource: '*'}
              UndeliveredPolicy:
                Type: AWS::SQS::QueuePolicy
                Properties:
                  Queues: [!Ref Undelivered]
                  PolicyDocument:
                    Statement:
                      - {Effect: Allow, Principal: {Service: sns.amazonaws.com}, Action: 'sqs:SendMessage', Resource: '*'}
              Function:
                Type: AWS::Lambda::Function
                Properties:
                  Handler: some.Handler
                  Environment: {Variables: {QUEUE: !Ref Queue}}
              Version: {Type: AWS::Lambda::Version, Properties: {FunctionName: !Ref Function}}
              Alias: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref Function, Name: live}}
              EventSource:
                Type: AWS::Lambda::EventSourceMapping
                Properties: {FunctionName: !Ref Alias, EventSourceArn: !GetAtt Queue.Arn}
              Alarm: {Type: AWS::CloudWatch::Alarm}
            Outputs:
              Undelivered: {Value: !Ref Undelivered}
              Topic: {Value: !Ref Topic}
            """;

    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();

    @Test
    void anUploadReachesTheFunctionThroughTopicQueueAndAlias() throws InterruptedException {
        try (LocalCloud cloud = start(Template.parse(TEMPLATE))) {
            List<Boolean> notified = new CopyOnWriteArrayList<>();
            cloud.onUpload((upload, matched) -> notified.add(matched));

            upload(cloud);

            assertThat(nextMessage()).contains("ObjectCreated:Put", "patient-1.dcm");
            assertThat(notified).containsExactly(true);
            assertThat(cloud.skipped()).containsExactly("AWS::CloudWatch::Alarm");
            assertThat(cloud.problems()).isEmpty();
            await().until(() -> cloud.sqsFaults().calls("DeleteMessageBatch") > 0);
        }
    }

    @Test
    void aMessagePublishedToTheTopicReachesTheFunction() throws InterruptedException {
        try (LocalCloud cloud = start(Template.parse(TEMPLATE))) {
            cloud.topic(cloud.outputs().get("Topic")).publish("by hand");

            assertThat(nextMessage()).isEqualTo("by hand");
        }
    }

    @Test
    void aDeliveryWithoutPermissionGoesToTheSubscriptionsDeadLetters() {
        Template template = Template.parse(TEMPLATE).without("Resources.QueuePolicy");
        try (LocalCloud cloud = start(template)) {
            upload(cloud);

            await().atMost(Duration.ofSeconds(10)).until(() -> messages(cloud, "Undelivered")
                    .anyMatch(message -> message.body().contains("patient-1.dcm")));
            assertThat(received).isEmpty();
            assertThat(cloud.problems()).singleElement().asString().startsWith("Resources.Subscription.Properties: ");
        }
    }

    @Test
    void aNotificationThatS3MayNotPublishIsRefusedWhenTheBucketIsCreated() {
        Template template = Template.parse(TEMPLATE)
                .with("Resources.TopicPolicy.Properties.PolicyDocument.Statement.Action", "sns:Subscribe");

        assertThatThrownBy(() -> start(template).close())
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("TopicConfigurations.0.Topic: S3 refuses the notification");
    }

    @Test
    void aBucketThatIsCreatedBeforeItsTopicPolicyIsRefused() {
        Template template = Template.parse(TEMPLATE).without("Resources.Bucket.DependsOn");

        assertThatThrownBy(() -> start(template).close())
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("no policy that is created before the bucket");
    }

    @Test
    void aStatementThatDeniesOutweighsTheOneThatAllows() {
        Template template = Template.parse(TEMPLATE)
                .with(
                        "Resources.QueuePolicy.Properties.PolicyDocument.Statement.1",
                        Map.of("Effect", "Deny", "Principal", "*", "Action", "sqs:*", "Resource", "*"));
        try (LocalCloud cloud = start(template)) {
            upload(cloud);

            await().atMost(Duration.ofSeconds(10)).until(() -> messages(cloud, "Undelivered")
                    .anyMatch(message -> message.body().contains("patient-1.dcm")));
            assertThat(received).isEmpty();
            assertThat(cloud.problems()).singleElement().asString().contains("may not sqs:SendMessage");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Subscription.Properties.FilterPolicy, {}",
        "EventSource.Properties.FilterCriteria, {}",
        "Bucket.Properties.NotificationConfiguration.EventBridgeConfiguration, {}",
        "Queue.Properties.VisibilityTimout, 30",
        "Queue.Properties.FifoQueue, true",
        "Queue.Properties.RedrivePolicy.maxRecieveCount, 3",
        "Topic.Properties.ArchivePolicy, {}",
    })
    void aPropertyThatIsNotEmulatedIsRefusedByName(String property, String value) {
        Template template = Template.parse(TEMPLATE)
                .with("Resources.Topic.Properties", Map.of())
                .with("Resources." + property, value.equals("{}") ? Map.of("x", "y") : value);

        assertThatThrownBy(() -> start(template).close())
                .isInstanceOf(TemplateException.class)
                .hasMessage("Resources." + property + ": the embedded cloud does not emulate this property of "
                        + Map.of(
                                        "Subscription", "AWS::SNS::Subscription",
                                        "EventSource", "AWS::Lambda::EventSourceMapping",
                                        "Bucket", "AWS::S3::Bucket",
                                        "Queue", "AWS::SQS::Queue",
                                        "Topic", "AWS::SNS::Topic")
                                .get(property.split("\\.")[0]));
    }

    @ParameterizedTest
    @CsvSource({
        "Resources.Queue.Properties.RedrivePolicy.deadLetterTargetArn, arn:aws:sqs:us-east-1:000000000000:other",
        "Resources.Queue.Properties.VisibilityTimeout, soon",
        "Resources.Queue.Properties.VisibilityTimeout, 2",
        "Resources.Subscription.Properties.TopicArn, arn:aws:sns:us-east-1:000000000000:other",
        "Resources.Subscription.Properties.Endpoint, arn:aws:sqs:us-east-1:000000000000:other",
        "Resources.EventSource.Properties.EventSourceArn, arn:aws:sqs:us-east-1:000000000000:other",
        "Resources.EventSource.Properties.FunctionName, other",
        "Resources.EventSource.Properties.FunctionName, imaging-Function:dead",
        "Resources.EventSource.Properties.BatchSize, 11",
        "Resources.Function.Properties.Timeout, 901",
    })
    void whatAwsRefusesIsRefusedWithItsPlace(String path, String value) {
        Template template = Template.parse(TEMPLATE).with(path, value);

        assertThatThrownBy(() -> start(template).close())
                .isInstanceOf(TemplateException.class)
                .hasMessageStartingWith("Resources.");
    }

    @Test
    void aTableThatDynamoDbRefusesIsRefusedWithItsPlace() {
        Template template = Template.parse(TEMPLATE)
                .with(
                        "Resources.Table",
                        Map.of(
                                "Type",
                                "AWS::DynamoDB::Table",
                                "Properties",
                                Map.of(
                                        "AttributeDefinitions",
                                        List.of(Map.of("AttributeName", "a", "AttributeType", "S")),
                                        "KeySchema",
                                        List.of(Map.of("AttributeName", "b", "KeyType", "HASH")))));

        assertThatThrownBy(() -> start(template).close())
                .isInstanceOf(TemplateException.class)
                .hasMessageStartingWith("Resources.Table.Properties.KeySchema: DynamoDB refuses the table");
    }

    private LocalCloud start(Template template) {
        return LocalCloud.start(
                CloudSettings.of(template, new FunctionCode.InProcess(environment -> (event, context) -> {
                    event.getRecords().forEach(message -> received.add(message.getBody()));
                    return SQSBatchResponse.builder()
                            .withBatchItemFailures(List.of())
                            .build();
                })));
    }

    private static void upload(LocalCloud cloud) {
        cloud.s3().putObject(request -> request.bucket("uploads").key("patient-1.dcm"), RequestBody.fromString("x"));
    }

    /** The next message that is not S3's test event. */
    private String nextMessage() throws InterruptedException {
        String body = received.poll(20, TimeUnit.SECONDS);
        return body != null && body.contains("s3:TestEvent") ? received.poll(20, TimeUnit.SECONDS) : body;
    }

    private static Stream<Message> messages(LocalCloud cloud, String output) {
        return cloud
                .sqs()
                .receiveMessage(
                        request -> request.queueUrl(cloud.outputs().get(output)).maxNumberOfMessages(10))
                .messages()
                .stream();
    }
}
