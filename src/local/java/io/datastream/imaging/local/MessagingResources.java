package io.datastream.imaging.local;

import io.datastream.imaging.local.ResourcePolicy.Request;
import io.datastream.imaging.local.template.PropertyMap;
import io.datastream.imaging.local.template.Resource;
import io.datastream.imaging.local.template.Stack;
import io.datastream.imaging.local.template.TemplateException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Consumer;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import tools.jackson.databind.json.JsonMapper;

/** The template's topics, queues, subscriptions and policies, and what sends to them. */
final class MessagingResources implements AutoCloseable {
    private final Stack stack;
    private final SqsClient sqs;
    private final String account;
    private final Deliveries deliveries = new Deliveries();
    private final Map<String, LocalTopic> topics = new LinkedHashMap<>();
    private final Map<String, String> queueUrls = new LinkedHashMap<>();
    private final Map<String, List<ResourcePolicy>> policies = new LinkedHashMap<>();
    private final Set<String> problems = new ConcurrentSkipListSet<>();

    /** @param sqs as the services see it: through the faults */
    MessagingResources(Stack stack, SqsClient sqs, String account) {
        this.stack = stack;
        this.sqs = sqs;
        this.account = account;
    }

    void createTopic(Resource topic) {
        String arn = stack.attribute(topic, "TopicArn");
        topics.put(arn, new LocalTopic(arn, deliveries));
    }

    /** Creates a queue; what ElasticMQ rejects or ignores is left out. */
    void createQueue(Resource queue) {
        PropertyMap properties = queue.properties();
        Map<QueueAttributeName, String> attributes = new LinkedHashMap<>();
        for (QueueAttributeName attribute : List.of(
                QueueAttributeName.VISIBILITY_TIMEOUT,
                QueueAttributeName.MESSAGE_RETENTION_PERIOD,
                QueueAttributeName.DELAY_SECONDS,
                QueueAttributeName.RECEIVE_MESSAGE_WAIT_TIME_SECONDS)) {
            properties.integer(attribute.toString()).ifPresent(value -> attributes.put(attribute, value.toString()));
        }
        properties.object("RedrivePolicy").ifPresent(redrive -> {
            String target = redrive.requiredText("deadLetterTargetArn");
            if (!queueUrls.containsKey(target)) {
                throw redrive.error("deadLetterTargetArn", "there is no such queue");
            }
            int maxReceiveCount = redrive.integer("maxReceiveCount")
                    .orElseThrow(() -> redrive.error("maxReceiveCount", "is missing"));
            attributes.put(
                    QueueAttributeName.REDRIVE_POLICY,
                    JsonMapper.shared()
                            .writeValueAsString(
                                    Map.of("deadLetterTargetArn", target, "maxReceiveCount", maxReceiveCount)));
        });
        sqs.createQueue(request ->
                request.queueName(stack.attribute(queue, "QueueName")).attributes(attributes));
        queueUrls.put(stack.attribute(queue, "Arn"), stack.reference(queue));
    }

    void addTopicPolicy(Resource policy) {
        policy.properties().texts("Topics").forEach(arn -> addPolicy(arn, policy));
    }

    void addQueuePolicy(Resource policy) {
        for (String url : policy.properties().texts("Queues")) {
            queueUrls.entrySet().stream()
                    .filter(queue -> queue.getValue().equals(url))
                    .findFirst()
                    .ifPresentOrElse(queue -> addPolicy(queue.getKey(), policy), () -> {
                        throw policy.properties().error("Queues", "there is no such queue");
                    });
        }
    }

    /** Subscribes a queue to a topic; other kinds of subscription are not emulated. */
    boolean subscribe(Resource subscription) {
        PropertyMap properties = subscription.properties();
        LocalTopic topic = Optional.ofNullable(topics.get(properties.requiredText("TopicArn")))
                .orElseThrow(() -> properties.error("TopicArn", "there is no such topic"));
        if (!properties.requiredText("Protocol").equals("sqs")) {
            return false;
        }
        String queue = properties.requiredText("Endpoint");
        Optional<PropertyMap> redrive = properties.object("RedrivePolicy");
        if (!queueUrls.containsKey(queue)) {
            throw properties.error("Endpoint", "there is no such queue");
        }
        topic.subscribe(new LocalTopic.Subscription(
                stack.reference(subscription),
                properties.bool("RawMessageDelivery").orElse(false),
                () -> destination(topic, queue, properties.place())
                        .or(() -> redrive.flatMap(
                                dead -> destination(topic, dead.requiredText("deadLetterTargetArn"), dead.place())))));
        return true;
    }

    /** The queue, if the topic may send to it. SNS does not try again what is not permitted. */
    private Optional<Consumer<String>> destination(LocalTopic topic, String queue, String place) {
        Request request = new Request("sns.amazonaws.com", "sqs:SendMessage", queue, topic.arn(), account);
        return isAllowed(request, place)
                ? Optional.of(message -> send(queueUrls.get(queue), message))
                : Optional.empty();
    }

    /**
     * The notification of a bucket that is about to be created. As on AWS, S3 refuses the notification if it may not
     * send to the destination at this moment, and afterwards loses an event that it may not send.
     */
    List<BucketNotification> notifications(Resource bucket) {
        Optional<PropertyMap> configuration = bucket.properties().object("NotificationConfiguration");
        List<BucketNotification> notifications = new ArrayList<>();
        String bucketArn = stack.attribute(bucket, "Arn");
        for (String kind : List.of("Topic", "Queue")) {
            for (PropertyMap entry :
                    configuration.map(it -> it.objects(kind + "Configurations")).orElse(List.of())) {
                String arn = entry.requiredText(kind);
                if (!(kind.equals("Topic") ? topics : queueUrls).containsKey(arn)) {
                    throw entry.error(kind, "there is no such " + kind.toLowerCase(Locale.ROOT));
                }
                Request request = notificationRequest(bucketArn, arn);
                if (!isAllowed(request)) {
                    throw entry.error(
                            kind,
                            "S3 refuses the notification, because no policy that is created before the bucket lets "
                                    + request.service() + " " + request.action() + " there");
                }
                notifications.add(BucketNotification.of(entry, arn, sender(request, entry.place())));
            }
        }
        return notifications;
    }

    /**
     * Where a bucket's events go that are configured for this ARN.
     *
     * @param place of the configuration, for {@link #problems}
     * @throws IllegalArgumentException as S3 refuses it: nothing has this ARN, or S3 may not send to it
     */
    Consumer<String> destination(String bucketArn, String arn, String place) {
        Request request = notificationRequest(bucketArn, arn);
        if (!topics.containsKey(arn) && !queueUrls.containsKey(arn) || !isAllowed(request)) {
            throw new IllegalArgumentException("Unable to validate the following destination configurations: " + arn);
        }
        return sender(request, place);
    }

    private Request notificationRequest(String bucketArn, String arn) {
        String action = topics.containsKey(arn) ? "sns:Publish" : "sqs:SendMessage";
        return new Request("s3.amazonaws.com", action, arn, bucketArn, account);
    }

    /** Sends a bucket's events to a topic or queue, as long as its policy lets it. */
    private Consumer<String> sender(Request request, String place) {
        String arn = request.resource();
        return message -> {
            if (isAllowed(request, place)) {
                if (topics.containsKey(arn)) {
                    topics.get(arn).publishFromS3(message);
                } else {
                    deliveries.deliver(() -> send(queueUrls.get(arn), message));
                }
            }
        };
    }

    Optional<String> queueUrl(String arn) {
        return Optional.ofNullable(queueUrls.get(arn));
    }

    Optional<LocalTopic> topic(String arn) {
        return Optional.ofNullable(topics.get(arn));
    }

    /** How many messages of S3 and of topics no queue has taken yet. */
    long pendingDeliveries() {
        return deliveries.pending();
    }

    /** What was not delivered because no policy allows it, one line for each place in the template. */
    List<String> problems() {
        return List.copyOf(problems);
    }

    private void addPolicy(String arn, Resource policy) {
        PropertyMap document = policy.properties()
                .object("PolicyDocument")
                .orElseThrow(() -> new TemplateException(policy.properties().place(), "has no PolicyDocument"));
        policies.computeIfAbsent(arn, key -> new ArrayList<>()).add(new ResourcePolicy(document));
    }

    private boolean isAllowed(Request request, String place) {
        boolean allowed = isAllowed(request);
        if (!allowed) {
            problems.add(place + ": undelivered, " + request.service() + " may not " + request.action() + " to "
                    + request.resource());
        }
        return allowed;
    }

    private boolean isAllowed(Request request) {
        return ResourcePolicy.allow(policies.getOrDefault(request.resource(), List.of()), request);
    }

    private void send(String queueUrl, String message) {
        sqs.sendMessage(request -> request.queueUrl(queueUrl).messageBody(message));
    }

    @Override
    public void close() {
        deliveries.close();
    }
}
