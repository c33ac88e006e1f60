package io.datastream.imaging.deadletter;

import io.datastream.imaging.notification.NotificationDecoder;
import io.datastream.imaging.notification.ObjectCreated;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Counts messages by their diagnosis. */
public final class Inspect implements Action {

    /**
     * Messages of one diagnosis.
     *
     * @param reason label of the diagnosis
     * @param messages how many, 1 or more
     * @param first the one that was sent first
     * @param last the one that was sent last
     * @param mostReceives the highest receive count
     */
    public record Group(String reason, long messages, DeadLetter first, DeadLetter last, int mostReceives) {

        private Group plus(Group other) {
            return new Group(
                    reason,
                    messages + other.messages,
                    other.first.sentAt().isBefore(first.sentAt()) ? other.first : first,
                    other.last.sentAt().isAfter(last.sentAt()) ? other.last : last,
                    Math.max(mostReceives, other.mostReceives));
        }
    }

    /** A message as it is, for an operator who asks for names. The uploads are those that can be read from its body. */
    public record Sample(DeadLetter message, String reason, List<ObjectCreated> uploads) {}

    private static final NotificationDecoder DECODER = new NotificationDecoder();

    private final Selection selection;
    private final int sampleSize;
    private final Map<String, Group> groups = new HashMap<>();
    private final List<Sample> samples = new ArrayList<>();

    /**
     * Prepares an inspection.
     *
     * @param sampleSize how many messages to return as they are, 0 or more
     */
    public Inspect(Selection selection, int sampleSize) {
        this.selection = selection;
        this.sampleSize = sampleSize;
    }

    @Override
    public synchronized void act(List<MessageExaminer.Examined> messages, Consumer<String> accepted) {
        for (MessageExaminer.Examined one : messages) {
            if (selection.includes(one)) {
                DeadLetter message = one.message();
                String reason = one.diagnosis().label();
                groups.merge(reason, new Group(reason, 1, message, message, message.receiveCount()), Group::plus);
                if (samples.size() < sampleSize) {
                    samples.add(new Sample(message, reason, uploads(message)));
                }
            }
        }
    }

    private static List<ObjectCreated> uploads(DeadLetter message) {
        return DECODER.decode(message.body()).stream()
                .filter(ObjectCreated.class::isInstance)
                .map(ObjectCreated.class::cast)
                .toList();
    }

    /** The groups, the largest first. */
    public synchronized List<Group> groups() {
        return groups.values().stream()
                .sorted(Comparator.comparingLong(Group::messages).reversed().thenComparing(Group::reason))
                .toList();
    }

    /** The first selected messages. */
    public synchronized List<Sample> samples() {
        return List.copyOf(samples);
    }
}
