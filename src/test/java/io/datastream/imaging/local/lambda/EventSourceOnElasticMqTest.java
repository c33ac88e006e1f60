package io.datastream.imaging.local.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.elasticmq.rest.sqs.SQSRestServer;
import org.elasticmq.rest.sqs.SQSRestServerBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/** The event source between a queue over HTTP and functions in processes of their own. */
@EnabledOnOs(OS.LINUX)
class EventSourceOnElasticMqTest {

    private static final FunctionConfiguration FUNCTION = new FunctionConfiguration(
            "sample", "$LATEST", SampleFunction.class.getName(), 256, Duration.ofSeconds(5), Map.of());

    @TempDir
    static Path folder;

    static Path jar;
    static SQSRestServer server;
    static SqsClient sqs;

    private final BlockingQueue<String> log = new LinkedBlockingQueue<>();

    @BeforeAll
    static void startTheQueue() throws Exception {
        jar = SampleFunctionJar.packWithJodaTime(folder.resolve("sample-function.jar"));
        server = SQSRestServerBuilder.withInterface("127.0.0.1")
                .withDynamicPort()
                .start();
        int port = server.waitUntilStarted().localAddress().getPort();
        sqs = SqsClient.builder()
                .endpointOverride(URI.create("http://127.0.0.1:" + port))
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .httpClient(UrlConnectionHttpClient.create())
                .build();
    }

    @AfterAll
    static void stopTheQueue() {
        sqs.close();
        server.stopAndWait();
    }

    @Test
    void messagesGoThroughTheRealRuntimeAndComeBackWhenItsProcessesAreKilled() throws Exception {
        String queueUrl = createQueue("killed", Duration.ofSeconds(6));
        FunctionFleet fleet = fleet(2);
        // One message a batch: the function looks at the first only, and must not pass over the one that hangs.
        EventSourceConfiguration configuration = new EventSourceConfiguration(1, Duration.ZERO, 2, false, true);
        try (EventSourcePoller poller =
                EventSourcePoller.start(sqs, queueUrl, arn(queueUrl), configuration, fleet, log::add)) {
            send(queueUrl, "hang", 1);
            awaitLine("hanging");
            fleet.killAll();
            awaitLine("Runtime.ExitError");

            send(queueUrl, "context", 50);
            await().atMost(Duration.ofSeconds(60)).until(() -> count(queueUrl) == 1);
            awaitLine("hanging");
            assertThat(poller.workers()).isBetween(1, 2);
            assertThat(fleet.started()).isBetween(2L, 3L);
        }
        assertThat(count(queueUrl)).isEqualTo(1);
    }

    private FunctionFleet fleet(int limit) {
        return new FunctionFleet(FUNCTION, limit, () -> ProcessEnvironment.start(FUNCTION, jar, log::add));
    }

    private static String createQueue(String name, Duration visibilityTimeout) {
        return sqs.createQueue(request -> request.queueName(name)
                        .attributes(Map.of(
                                QueueAttributeName.VISIBILITY_TIMEOUT, Long.toString(visibilityTimeout.toSeconds()))))
                .queueUrl();
    }

    private static String arn(String queueUrl) {
        return sqs.getQueueAttributes(
                        request -> request.queueUrl(queueUrl).attributeNames(QueueAttributeName.QUEUE_ARN))
                .attributes()
                .get(QueueAttributeName.QUEUE_ARN);
    }

    private static long count(String queueUrl) {
        return sqs
                .getQueueAttributes(request -> request.queueUrl(queueUrl)
                        .attributeNames(
                                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE))
                .attributes()
                .values()
                .stream()
                .mapToLong(Long::parseLong)
                .sum();
    }

    private static void send(String queueUrl, String body, int messages) {
        MessageAttributeValue origin = MessageAttributeValue.builder()
                .dataType("String")
                .stringValue("test")
                .build();
        for (int sent = 0; sent < messages; sent++) {
            sqs.sendMessageBatch(request -> request.queueUrl(queueUrl)
                    .entries(List.of(SendMessageBatchRequestEntry.builder()
                            .id("0")
                            .messageBody(body)
                            .messageAttributes(Map.of("origin", origin))
                            .build())));
        }
    }

    private void awaitLine(String text) throws InterruptedException {
        String line;
        do {
            line = log.poll(60, TimeUnit.SECONDS);
            assertThat(line).as("a line with " + text).isNotNull();
        } while (!line.contains(text));
    }
}
