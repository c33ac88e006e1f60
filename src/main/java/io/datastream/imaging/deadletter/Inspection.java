package io.datastream.imaging.deadletter;

import io.datastream.imaging.deadletter.DeadLetterQueue.Depth;
import io.datastream.imaging.notification.RejectionReason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks at every message of the queue once, counts them by their diagnosis, and gives all of them back. */
public final class Inspection {

    /**
     * Messages of one diagnosis.
     *
     * @param label the diagnosis
     * @param isRejected whether the function would reject them again
     * @param formerly why the function rejected them under an earlier pattern
     * @param messages how many, 1 or more
     * @param firstMessageId the one sent first
     * @param firstSentAt when that was
     * @param lastMessageId the one sent last
     * @param lastSentAt when that was
     * @param mostReceives the highest receive count
     */
    public record Group(
            String label,
            boolean isRejected,
            Optional<RejectionReason> formerly,
            long messages,
            String firstMessageId,
            Instant firstSentAt,
            String lastMessageId,
            Instant lastSentAt,
            int mostReceives) {

        private static Group of(ExaminedMessage examined) {
            DeadLetter message = examined.message();
            return new Group(
                    examined.diagnosis().label(),
                    examined.isRejected(),
                    examined.formerRejection(),
                    1,
                    message.messageId(),
                    message.sentAt(),
                    message.messageId(),
                    message.sentAt(),
                    message.receiveCount());
        }

        private static Group merge(Group one, Group other) {
            Group first = other.firstSentAt.isBefore(one.firstSentAt) ? other : one;
            Group last = other.lastSentAt.isAfter(one.lastSentAt) ? other : one;
            return new Group(
                    one.label,
                    one.isRejected,
                    one.formerly,
                    one.messages + other.messages,
                    first.firstMessageId,
                    first.firstSentAt,
                    last.lastMessageId,
                    last.lastSentAt,
                    Math.max(one.mostReceives, other.mostReceives));
        }
    }

    /**
     * What was seen.
     *
     * @param groups the largest first
     * @param seen how many messages were looked at, selected or not
     * @param before what the queue said of itself before
     * @param isComplete false if there are more messages than may be held, or the run was stopped
     * @param samples the first selected ones, as many as were asked for
     */
    public record Report(
            List<Group> groups, long seen, Depth before, boolean isComplete, List<ExaminedMessage> samples) {

        public Report {
            groups = List.copyOf(groups);
            samples = List.copyOf(samples);
        }

        /** How many messages were selected. */
        public long selected() {
            return groups.stream().mapToLong(Group::messages).sum();
        }
    }

    private record GroupKey(String label, Optional<RejectionReason> formerly) {}

    private final RunContext context;
    private final Selection selection;
    private final int sampleSize;
    private final int capacity;
    private final Map<GroupKey, Group> groups = new HashMap<>();
    private final List<ExaminedMessage> samples = new ArrayList<>();
    private long seen;

    /**
     * Prepares an inspection.
     *
     * @param sampleSize how many messages to report as they are
     */
    public Inspection(RunContext context, Selection selection, int sampleSize) {
        this(context, selection, sampleSize, HeldMessages.CAPACITY);
    }

    private Inspection(RunContext context, Selection selection, int sampleSize, int capacity) {
        this.context = context;
        this.selection = selection;
        this.sampleSize = sampleSize;
        this.capacity = capacity;
    }

    /** Of the first messages that come only. */
    public static Inspection ofSome(RunContext context, int messages) {
        return new Inspection(context, Selection.ALL, 0, messages);
    }

    /** What a replay of everything wants to know before: the decoder's judgement alone, without the table. */
    public static Inspection withoutTable(RunContext context) {
        return new Inspection(context.withoutTable(), Selection.ALL, 0);
    }

    /** Inspects; afterwards nothing is held any more. */
    public Report run() {
        Depth before = context.queue().depth();
        Scan.Ending ending;
        try (HeldMessages held = context.hold()) {
            ending = context.scan(held, capacity).run((fresh, again) -> {
                add(context.examiner().examine(fresh));
                return true;
            });
        }
        context.stop().throwIfFailed();
        return report(before, ending == Scan.Ending.EMPTY);
    }

    private synchronized void add(List<ExaminedMessage> examined) {
        seen += examined.size();
        for (ExaminedMessage one : examined) {
            if (selection.includes(one)) {
                groups.merge(new GroupKey(one.diagnosis().label(), one.formerRejection()), Group.of(one), Group::merge);
                if (samples.size() < sampleSize) {
                    samples.add(one);
                }
            }
        }
    }

    private synchronized Report report(Depth before, boolean isComplete) {
        List<Group> largestFirst = groups.values().stream()
                .sorted(Comparator.comparingLong(Group::messages).reversed().thenComparing(Group::label))
                .toList();
        return new Report(largestFirst, seen, before, isComplete, samples);
    }

    /** How many messages were looked at so far. */
    public synchronized long seen() {
        return seen;
    }
}
