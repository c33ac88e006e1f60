package io.datastream.imaging.deadletter;

import io.datastream.imaging.notification.NotificationDecoder;
import io.datastream.imaging.notification.ObjectCreated;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Which messages the operator means: those that meet every condition.
 *
 * @param reasons labels of diagnoses, of which one is enough; empty for all
 * @param keyPrefix of the decoded object key of any upload in the message, also of one without a patient ID
 * @param since sent at this time or later
 * @param before sent before this time
 */
public record Selection(
        Set<String> reasons, Optional<String> keyPrefix, Optional<Instant> since, Optional<Instant> before) {

    /** Every message. */
    public static final Selection ALL = new Selection(Set.of(), Optional.empty(), Optional.empty(), Optional.empty());

    private static final NotificationDecoder DECODER = new NotificationDecoder();

    public Selection {
        reasons = Set.copyOf(reasons);
        for (String reason : reasons) {
            if (!Diagnosis.labels().contains(reason)) {
                throw new IllegalArgumentException(
                        "no reason is called " + reason + "; there are: " + String.join(", ", Diagnosis.labels()));
            }
        }
    }

    /** Whether a lookup in the table is needed. */
    public boolean needsTable() {
        return reasons.contains(Diagnosis.Accepted.RECORDED.label())
                || reasons.contains(Diagnosis.Accepted.NOT_RECORDED.label())
                || reasons.contains(Diagnosis.Accepted.LOOKUP_REFUSED.label());
    }

    boolean includes(MessageExaminer.Examined examined) {
        DeadLetter message = examined.message();
        return (reasons.isEmpty() || reasons.contains(examined.diagnosis().label()))
                && since.map(time -> !message.sentAt().isBefore(time)).orElse(true)
                && before.map(message.sentAt()::isBefore).orElse(true)
                && keyPrefix.map(prefix -> hasKey(message, prefix)).orElse(true);
    }

    private static boolean hasKey(DeadLetter message, String prefix) {
        return DECODER.decode(message.body()).stream()
                .anyMatch(event -> event instanceof ObjectCreated created
                        && created.objectKey().startsWith(prefix));
    }
}
