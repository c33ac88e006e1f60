package io.datastream.imaging.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkClientException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LocalTopicTest {
    private static final String ARN = "arn:aws:sns:us-east-1:000000000000:uploads";

    private final Deliveries deliveries = new Deliveries();
    private final LocalTopic topic = new LocalTopic(ARN, deliveries);
    private final BlockingQueue<String> queue = new LinkedBlockingQueue<>();

    @AfterEach
    void stop() {
        deliveries.close();
    }

    @Test
    void aMessageComesInAnEnvelope() throws InterruptedException {
        subscribe(false, queue::add);

        String messageId = topic.publish("{\"key\": \"ü \\\"+\"}");

        JsonNode envelope = JsonMapper.shared().readTree(received());
        assertThat(envelope.propertyNames())
                .containsExactly(
                        "Type",
                        "MessageId",
                        "TopicArn",
                        "Message",
                        "Timestamp",
                        "SignatureVersion",
                        "Signature",
                        "SigningCertURL",
                        "UnsubscribeURL");
        assertThat(envelope.at("/Type").asString()).isEqualTo("Notification");
        assertThat(envelope.at("/MessageId").asString()).isEqualTo(messageId);
        assertThat(envelope.at("/TopicArn").asString()).isEqualTo(ARN);
        assertThat(envelope.at("/Message").asString()).isEqualTo("{\"key\": \"ü \\\"+\"}");
        assertThat(envelope.at("/Timestamp").asString()).matches("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{3}Z");
    }

    @Test
    void aMessageOfS3HasItsSubject() throws InterruptedException {
        subscribe(false, queue::add);

        topic.publishFromS3("{}");

        assertThat(JsonMapper.shared().readTree(received()).at("/Subject").asString())
                .isEqualTo("Amazon S3 Notification");
    }

    @Test
    void aRawSubscriptionGetsTheMessageItself() throws InterruptedException {
        subscribe(true, queue::add);

        topic.publish("as it is");

        assertThat(received()).isEqualTo("as it is");
    }

    @Test
    void everySubscriptionGetsTheMessage() throws InterruptedException {
        subscribe(true, queue::add);
        subscribe(true, message -> queue.add("second " + message));

        topic.publish("x");

        assertThat(new String[] {received(), received()}).containsExactlyInAnyOrder("x", "second x");
    }

    @Test
    void aMessageIsTriedUntilTheQueueTakesIt() throws InterruptedException {
        AtomicInteger attempts = new AtomicInteger();
        subscribe(true, message -> {
            if (attempts.incrementAndGet() < 3) {
                throw SdkClientException.create("not now");
            }
            queue.add(message);
        });

        topic.publish("x");

        assertThat(received()).isEqualTo("x");
        assertThat(attempts).hasValue(3);
    }

    @Test
    void aMessageThatMayNotBeSentGoesNowhere() {
        topic.subscribe(new LocalTopic.Subscription("subscription", true, Optional::empty));

        topic.publish("x");

        assertThat(deliveries.pending()).isZero();
    }

    private void subscribe(boolean raw, Consumer<String> destination) {
        topic.subscribe(new LocalTopic.Subscription("subscription", raw, () -> Optional.of(destination)));
    }

    private String received() throws InterruptedException {
        return queue.poll(10, TimeUnit.SECONDS);
    }
}
