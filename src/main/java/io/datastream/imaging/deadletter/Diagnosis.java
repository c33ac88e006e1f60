package io.datastream.imaging.deadletter;

import io.datastream.imaging.notification.RejectionReason;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What the function would do with a message now, and so why it is likely to be in the DLQ. */
public sealed interface Diagnosis {

    /** The function would reject it again. */
    record Rejected(RejectionReason reason) implements Diagnosis {

        @Override
        public String label() {
            return reason.label();
        }
    }

    /** The function would accept it. The value is what the table has of it. */
    enum Accepted implements Diagnosis {
        /** At least one upload of it is not in the table: throttling, an outage, or a pattern that was changed since. */
        NOT_RECORDED,
        /** Every upload of it is in the table. */
        RECORDED,
        /** It carries no upload, only events that are rightly no record. */
        NOTHING_TO_RECORD,
        /** It was not looked up in the table. */
        NOT_LOOKED_UP,
        /** DynamoDB refuses to look its key up. */
        LOOKUP_REFUSED;

        @Override
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** The name of the message's group in lower case words with hyphens, such as {@code not-recorded}. */
    String label();

    default boolean isRejected() {
        return this instanceof Rejected;
    }

    /** Every label that a message can have. */
    static List<String> labels() {
        return Stream.concat(
                        Arrays.stream(RejectionReason.values()).map(RejectionReason::label),
                        Arrays.stream(Accepted.values()).map(Accepted::label))
                .toList();
    }
}
