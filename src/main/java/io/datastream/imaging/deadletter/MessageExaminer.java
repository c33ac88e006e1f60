package io.datastream.imaging.deadletter;

import io.datastream.imaging.deadletter.Diagnosis.Accepted;
import io.datastream.imaging.deadletter.Diagnosis.State;
import io.datastream.imaging.metadata.ImageMetadata;
import io.datastream.imaging.metadata.MessageContent;
import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.RecordKey;
import io.datastream.imaging.notification.RejectionReason;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Judges messages with the function's own reader, and asks the table about what the function would take. */
public final class MessageExaminer {

    private final MessageReader reader;
    private final Optional<MessageReader> earlierReader;
    private final Optional<RecordLookup> table;

    /**
     * Makes an examiner.
     *
     * @param reader with the patient ID pattern that the function has now
     * @param earlierReader with the one it had when the messages failed, if that is known and another one
     * @param table where records are looked up; without it no message is told recorded from not recorded
     */
    public MessageExaminer(MessageReader reader, Optional<MessageReader> earlierReader, Optional<RecordLookup> table) {
        this.reader = reader;
        this.earlierReader = earlierReader;
        this.table = table;
    }

    /** The same judgement without asking the table. */
    MessageExaminer withoutTable() {
        return new MessageExaminer(reader, earlierReader, Optional.empty());
    }

    /** Diagnoses messages, in their order. The table is asked about all of them together. */
    public List<ExaminedMessage> examine(List<DeadLetter> messages) {
        List<MessageContent> contents =
                messages.stream().map(message -> reader.read(message.body())).toList();
        Set<RecordKey> keys = new HashSet<>();
        for (MessageContent content : contents) {
            if (content.rejections().isEmpty()) {
                content.uploads().forEach(upload -> keys.add(upload.key()));
            }
        }
        Optional<Set<RecordKey>> recorded = table.map(lookup -> lookup.recorded(keys));
        List<ExaminedMessage> examined = new ArrayList<>(messages.size());
        for (int i = 0; i < messages.size(); i++) {
            DeadLetter message = messages.get(i);
            examined.add(new ExaminedMessage(message, diagnosis(message, contents.get(i), recorded)));
        }
        return examined;
    }

    private Diagnosis diagnosis(DeadLetter message, MessageContent content, Optional<Set<RecordKey>> recorded) {
        if (!content.rejections().isEmpty()) {
            return new Diagnosis.Rejected(content.rejections().getFirst());
        }
        return new Accepted(state(content, recorded), formerRejection(message));
    }

    private static State state(MessageContent content, Optional<Set<RecordKey>> recorded) {
        if (content.uploads().isEmpty()) {
            return State.NOTHING_TO_RECORD;
        }
        if (recorded.isEmpty()) {
            return State.UNCHECKED;
        }
        List<RecordKey> keys =
                content.uploads().stream().map(ImageMetadata::key).toList();
        return recorded.get().containsAll(keys) ? State.RECORDED : State.NOT_RECORDED;
    }

    private Optional<RejectionReason> formerRejection(DeadLetter message) {
        return earlierReader.flatMap(
                earlier -> earlier.read(message.body()).rejections().stream().findFirst());
    }
}
