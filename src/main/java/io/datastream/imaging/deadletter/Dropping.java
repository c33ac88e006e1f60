package io.datastream.imaging.deadletter;

import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** Deletes the messages that stand in an archive, and no other. */
public final class Dropping {

    /**
     * What was done.
     *
     * @param dropped messages deleted
     * @param undeleted messages of the archive that SQS did not delete
     * @param kept messages that are not in the archive, or not with this body
     * @param isComplete false if there are more messages than may be held, or the run was stopped
     */
    public record Report(long dropped, long undeleted, long kept, boolean isComplete) {}

    private final RunContext context;
    private final Archive archive;
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong undeleted = new AtomicLong();
    private final AtomicLong kept = new AtomicLong();

    /** Prepares to delete what the archive holds; it can be run once. */
    public Dropping(RunContext context, Archive archive) {
        this.context = context;
        this.archive = archive;
    }

    /** Deletes; afterwards nothing is held any more. */
    public Report run() {
        Scan.Ending ending;
        try (HeldMessages held = context.hold()) {
            ending = context.scan(held).run((fresh, again) -> {
                drop(held, fresh);
                return true;
            });
        }
        context.stop().throwIfFailed();
        return new Report(dropped.get(), undeleted.get(), kept.get(), ending == Scan.Ending.EMPTY);
    }

    private void drop(HeldMessages held, List<DeadLetter> messages) {
        List<Receipt> archived = messages.stream()
                .filter(archive::holds)
                .map(DeadLetter::receipt)
                .toList();
        kept.addAndGet(messages.size() - archived.size());
        if (!archived.isEmpty()) {
            Set<String> deleted = context.queue().delete(archived);
            deleted.forEach(held::forget);
            dropped.addAndGet(deleted.size());
            undeleted.addAndGet(archived.size() - deleted.size());
        }
    }

    /** How many messages were looked at so far. */
    public long seen() {
        return dropped.get() + undeleted.get() + kept.get();
    }
}
