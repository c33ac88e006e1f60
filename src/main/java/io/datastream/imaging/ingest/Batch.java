package io.datastream.imaging.ingest;

import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse.BatchItemFailure;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import io.datastream.imaging.metadata.ImageMetadata;
import io.datastream.imaging.metadata.MessageContent;
import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.RecordKey;
import io.datastream.imaging.notification.RejectionReason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The plan for one invocation: the distinct records to write, and the messages that own each of them.
 *
 * <p>DynamoDB refuses a call with the same key twice, so a record that several messages carry is written once. If its
 * content differs between them, the last message of the batch wins.
 */
final class Batch {

    /** A message that fails even if all its records are written. The reason is that of its first rejected event. */
    record RejectedMessage(String messageId, RejectionReason reason) {}

    private record Ownership(String messageId, RecordKey key) {}

    /**
     * S3 notifies within seconds, rarely minutes. A message that was sent to the queue later than this after its event
     * comes from a replay.
     */
    private static final Duration LONGEST_NOTIFICATION = Duration.ofMinutes(15);

    private final Map<RecordKey, ImageMetadata> records = new LinkedHashMap<>();
    private final List<Ownership> ownerships = new ArrayList<>();
    private final Set<RecordKey> replayed = new HashSet<>();
    private final List<RejectedMessage> rejectedMessages = new ArrayList<>();
    private final List<String> unreadMessages = new ArrayList<>();
    private int ignoredEvents;

    private Batch() {}

    /**
     * Reads the messages, of any content, until the time is up.
     *
     * @param messages as Lambda passes them; a null among them has nothing to write and nothing to report
     * @param reader reads their bodies
     * @param timeIsUp whether the messages that are not read yet have to fail unread
     */
    static Batch of(List<@Nullable SQSMessage> messages, MessageReader reader, BooleanSupplier timeIsUp) {
        Batch batch = new Batch();
        for (SQSMessage message : messages) {
            if (message != null) {
                if (timeIsUp.getAsBoolean()) {
                    batch.unreadMessages.add(message.getMessageId());
                } else {
                    batch.add(message, reader.read(message.getBody()));
                }
            }
        }
        return batch;
    }

    private void add(SQSMessage message, MessageContent content) {
        Instant sent = sentTimestamp(message);
        for (ImageMetadata upload : content.uploads()) {
            records.put(upload.key(), upload);
            ownerships.add(new Ownership(message.getMessageId(), upload.key()));
            if (sent != null && sent.isAfter(upload.uploadTimestamp().plus(LONGEST_NOTIFICATION))) {
                replayed.add(upload.key());
            }
        }
        if (!content.rejections().isEmpty()) {
            rejectedMessages.add(new RejectedMessage(
                    message.getMessageId(), content.rejections().getFirst()));
        }
        ignoredEvents += content.ignoredEvents();
    }

    /** Only a hint for the metrics: a time that cannot be read is absent. Some emulators send a float. */
    private static @Nullable Instant sentTimestamp(SQSMessage message) {
        Map<String, String> attributes = message.getAttributes();
        String milliseconds = attributes == null ? null : attributes.get("SentTimestamp");
        try {
            return milliseconds == null ? null : Instant.ofEpochMilli(Long.parseLong(milliseconds));
        } catch (NumberFormatException unreadable) {
            return null;
        }
    }

    /** Every record of the batch once. */
    Collection<ImageMetadata> records() {
        return Collections.unmodifiableCollection(records.values());
    }

    List<RejectedMessage> rejectedMessages() {
        return Collections.unmodifiableList(rejectedMessages);
    }

    /** The messages that no time was left to read. Each of them fails. */
    List<String> unreadMessages() {
        return Collections.unmodifiableList(unreadMessages);
    }

    int ignoredEvents() {
        return ignoredEvents;
    }

    /** Whether the record's message was sent long after its event: by a replay, not by a slow pipeline. */
    boolean isReplayed(RecordKey key) {
        return replayed.contains(key);
    }

    /**
     * The messages that own one of these records.
     *
     * @param keys some of the batch's records
     */
    Set<String> owners(Set<RecordKey> keys) {
        Set<String> messageIds = new LinkedHashSet<>();
        for (Ownership ownership : ownerships) {
            if (keys.contains(ownership.key())) {
                messageIds.add(ownership.messageId());
            }
        }
        return messageIds;
    }

    /**
     * The response to Lambda: exactly the messages that were rejected or not read, or own a record that is not in the
     * table.
     *
     * @param unwritten the records that are not in the table
     * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html">Partial batch
     *     responses</a>
     */
    SQSBatchResponse response(Set<RecordKey> unwritten) {
        Set<String> failed = owners(unwritten);
        rejectedMessages.forEach(rejected -> failed.add(rejected.messageId()));
        failed.addAll(unreadMessages);
        return new SQSBatchResponse(failed.stream().map(BatchItemFailure::new).toList());
    }
}
