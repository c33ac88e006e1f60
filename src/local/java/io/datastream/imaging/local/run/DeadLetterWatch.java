package io.datastream.imaging.local.run;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import tools.jackson.databind.json.JsonMapper;

/** How long a message takes to the dead-letter queue, and how many are there. */
final class DeadLetterWatch {
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final SqsClient sqs;
    private final String queueUrl;

    /** @param queueUrl of the queue whose messages go to the dead-letter queue */
    DeadLetterWatch(SqsClient sqs, String queueUrl) {
        this.sqs = sqs;
        this.queueUrl = queueUrl;
    }

    /** How often a message is received before SQS moves it. */
    int receives() {
        return JsonMapper.shared()
                .readTree(attributes(queueUrl).get(QueueAttributeName.REDRIVE_POLICY))
                .get("maxReceiveCount")
                .asInt();
    }

    /** From the first receive of a message that always fails until SQS moves it. */
    Duration delay() {
        return Duration.ofSeconds(
                receives() * Long.parseLong(attributes(queueUrl).get(QueueAttributeName.VISIBILITY_TIMEOUT)));
    }

    /** Calls the listener, in the background, with the number of dead letters each time that it has changed. */
    void onChange(String deadLetterQueueUrl, IntConsumer listener) {
        Thread.ofVirtual().name("dead-letter-watch").start(() -> {
            int last = 0;
            while (true) {
                try {
                    Map<QueueAttributeName, String> attributes = attributes(deadLetterQueueUrl);
                    // A message that a command has received and not deleted is still in the queue.
                    int now = List.of(
                                    QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                                    QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE)
                            .stream()
                            .mapToInt(attribute -> Integer.parseInt(attributes.get(attribute)))
                            .sum();
                    if (now != last) {
                        listener.accept(now);
                        last = now;
                    }
                    Thread.sleep(PAUSE);
                } catch (SdkException | IllegalStateException closed) {
                    return;
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        });
    }

    private Map<QueueAttributeName, String> attributes(String url) {
        return sqs.getQueueAttributes(request -> request.queueUrl(url).attributeNames(QueueAttributeName.ALL))
                .attributes();
    }
}
