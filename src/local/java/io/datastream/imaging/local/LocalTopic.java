package io.datastream.imaging.local;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** An SNS topic. A message is delivered to each subscription independently, at least once, in no order. */
public final class LocalTopic {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    /**
     * @param raw whether the queue gets the message itself, without an envelope
     * @param destination where a message goes now: to the queue, to the subscription's dead letters, or nowhere
     */
    record Subscription(String arn, boolean raw, Supplier<Optional<Consumer<String>>> destination) {}

    private final String arn;
    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
    private final Deliveries deliveries;

    LocalTopic(String arn, Deliveries deliveries) {
        this.arn = arn;
        this.deliveries = deliveries;
    }

    public String arn() {
        return arn;
    }

    /** Publishes a message and returns its ID. */
    public String publish(String message) {
        return publish(message, null);
    }

    void subscribe(Subscription subscription) {
        subscriptions.add(subscription);
    }

    /** As {@link #publish(String)}, with the subject that S3 gives its events. */
    void publishFromS3(String message) {
        publish(message, "Amazon S3 Notification");
    }

    private String publish(String message, @Nullable String subject) {
        String messageId = UUID.randomUUID().toString();
        for (Subscription subscription : subscriptions) {
            subscription.destination().get().ifPresent(queue -> {
                String body = subscription.raw() ? message : envelope(subscription, messageId, subject, message);
                deliveries.deliver(() -> queue.accept(body));
            });
        }
        return messageId;
    }

    /** https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */
    private String envelope(Subscription subscription, String messageId, @Nullable String subject, String message) {
        ObjectNode envelope = JSON.createObjectNode();
        envelope.put("Type", "Notification");
        envelope.put("MessageId", messageId);
        envelope.put("TopicArn", arn);
        if (subject != null) {
            envelope.put("Subject", subject);
        }
        envelope.put("Message", message);
        envelope.put("Timestamp", TIME.format(Instant.now()));
        envelope.put("SignatureVersion", "1");
        envelope.put("Signature", "EXAMPLE");
        envelope.put("SigningCertURL", "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-EXAMPLE.pem");
        envelope.put(
                "UnsubscribeURL",
                "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=" + subscription.arn());
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(envelope);
    }
}
