package io.datastream.imaging.deadletter;

import io.datastream.imaging.notification.NotificationDecoder;
import io.datastream.imaging.notification.ObjectCreated;
import io.datastream.imaging.notification.RejectionReason;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which messages the operator means: those that meet every condition.
 *
 * @param reasons labels of diagnoses, any of which will do; empty for all
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
        reasons.stream()
                .filter(reason -> !labels().contains(reason))
                .findFirst()
                .ifPresent(unknown -> {
                    throw new IllegalArgumentException(
                            "no reason is called " + unknown + "; there are: " + String.join(", ", labels()));
                });
    }

    /** Every label that a message can be called by. */
    public static List<String> labels() {
        return Stream.concat(
                        Arrays.stream(RejectionReason.values()).map(RejectionReason::label),
                        Stream.of(
                                        Diagnosis.State.NOT_RECORDED,
                                        Diagnosis.State.RECORDED,
                                        Diagnosis.State.NOTHING_TO_RECORD)
                                .map(Diagnosis.State::label))
                .toList();
    }

    public boolean isAll() {
        return equals(ALL);
    }

    /** Whether only the table can tell. */
    public boolean asksTheTable() {
        return reasons.contains(Diagnosis.State.RECORDED.label())
                || reasons.contains(Diagnosis.State.NOT_RECORDED.label());
    }

    boolean includes(ExaminedMessage examined) {
        DeadLetter message = examined.message();
        return (reasons.isEmpty() || reasons.stream().anyMatch(examined.diagnosis()::isCalled))
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
