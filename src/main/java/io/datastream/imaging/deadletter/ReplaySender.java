package io.datastream.imaging.deadletter;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.retries.api.BackoffStrategy;

/**
 * Sends messages and then, never before, deletes those that were accepted.
 *
 * <p>A message whose hold is lost is not sent, as somebody else may have it: it is set aside until it comes again. A
 * message that was accepted but could not be deleted is deleted when it comes again. For any number of threads.
 */
final class ReplaySender {

    private static final int SEND_ATTEMPTS = 8;

    /** Right after the send; what they leave is tried again when everything is sent. */
    private static final int DELETE_ATTEMPTS = 3;

    private static final BackoffStrategy BACKOFF =
            BackoffStrategy.exponentialDelay(Duration.ofMillis(100), Duration.ofSeconds(5));

    /** Below every limit that SQS ever had for the bytes of a call, which was 256 KiB before it was 1 MiB. */
    private static final int BYTES_IN_A_CALL = 250_000;

    private final RunContext context;
    private final SourceQueue target;
    private final HeldMessages held;
    private final RateLimit rate;
    private final ReplayTally tally;

    /** Messages that were to be sent when the hold on them was lost. */
    private final Set<String> setAside = ConcurrentHashMap.newKeySet();

    /** Messages that are in both queues. */
    private final Set<String> undeleted = ConcurrentHashMap.newKeySet();

    /** What the target calls the messages that it has accepted. */
    private final Set<String> newMessageIds = ConcurrentHashMap.newKeySet();

    ReplaySender(RunContext context, SourceQueue target, HeldMessages held, RateLimit rate, ReplayTally tally) {
        this.context = context;
        this.target = target;
        this.held = held;
        this.rate = rate;
        this.tally = tally;
    }

    /** Whether this run has sent the message, which failed again since. */
    boolean hasSent(String messageId) {
        return newMessageIds.contains(messageId);
    }

    /** Whether every message that was to be sent is sent, and every one that was accepted is deleted. */
    boolean hasFinished() {
        return setAside.isEmpty() && undeleted.isEmpty();
    }

    /** Whether the message waited for a new hold, which it now has. */
    boolean takesUpAgain(String messageId) {
        return setAside.remove(messageId);
    }

    /** Deletes those of the messages that were accepted before; by their new receipts. */
    void deleteAccepted(List<DeadLetter> again) {
        delete(again.stream()
                .map(DeadLetter::messageId)
                .filter(undeleted::contains)
                .toList());
    }

    /** Tries once more to delete everything that is in both queues. */
    void deleteAccepted() {
        DeadLetterQueue.calls(List.copyOf(undeleted)).forEach(this::delete);
    }

    /**
     * To be called when the queue has been seen empty for longer than a message stays hidden: what is neither hidden nor
     * came again has been deleted, by a call whose answer was lost.
     */
    void settleUnansweredDeletes() {
        for (String messageId : List.copyOf(undeleted)) {
            if (!held.isHidden(messageId) && undeleted.remove(messageId)) {
                tally.deleted.increment();
            }
        }
    }

    /**
     * Sends held messages, as fast as the rate allows, and deletes what was accepted.
     *
     * @param messages at most ten
     * @throws StoppedException if the run is stopped before they are sent
     */
    void send(List<DeadLetter> messages) {
        for (List<DeadLetter> call : calls(messages)) {
            context.stop().pause(rate.take(call.size()));
            sendCall(call);
        }
    }

    private void sendCall(List<DeadLetter> call) {
        List<DeadLetter> waiting = call;
        for (int attempt = 1; ; attempt++) {
            waiting = onlySecured(waiting);
            if (waiting.isEmpty()) {
                return;
            }
            Map<String, DeadLetter> again = new HashMap<>();
            Map<String, String> causes = new HashMap<>();
            List<String> accepted = new ArrayList<>(waiting.size());
            Map<String, SourceQueue.Answer> answers = target.send(waiting);
            for (DeadLetter message : waiting) {
                String messageId = message.messageId();
                switch (Objects.requireNonNull(answers.get(messageId))) {
                    case SourceQueue.Answer.Accepted sent -> {
                        newMessageIds.add(sent.newMessageId());
                        undeleted.add(messageId);
                        accepted.add(messageId);
                    }
                    case SourceQueue.Answer.Refused refused -> tally.refused(refused.errorCode());
                    case SourceQueue.Answer.TryAgain later -> {
                        again.put(messageId, message);
                        causes.put(messageId, later.errorCode());
                    }
                }
            }
            tally.accepted.add(accepted.size());
            delete(accepted);
            waiting = List.copyOf(again.values());
            if (attempt == SEND_ATTEMPTS
                    || waiting.isEmpty()
                    || !context.stop().passes(BACKOFF.computeDelay(attempt))) {
                causes.values().forEach(tally::refused);
                return;
            }
        }
    }

    private List<DeadLetter> onlySecured(List<DeadLetter> messages) {
        Set<String> secured =
                held.secured(messages.stream().map(DeadLetter::messageId).toList());
        List<DeadLetter> sendable = new ArrayList<>(messages.size());
        for (DeadLetter message : messages) {
            if (secured.contains(message.messageId())) {
                sendable.add(message);
            } else {
                setAside.add(message.messageId());
            }
        }
        return sendable;
    }

    private void delete(List<String> accepted) {
        List<String> waiting = accepted;
        for (int attempt = 1; attempt <= DELETE_ATTEMPTS && !waiting.isEmpty(); attempt++) {
            List<Receipt> receipts = new ArrayList<>(waiting.size());
            for (String messageId : waiting) {
                @Nullable Receipt receipt = held.receipt(messageId);
                if (receipt != null) {
                    receipts.add(receipt);
                }
            }
            if (receipts.isEmpty()) {
                return;
            }
            Set<String> deleted = context.queue().delete(receipts);
            for (String messageId : deleted) {
                held.forget(messageId);
                if (undeleted.remove(messageId)) {
                    tally.deleted.increment();
                }
            }
            waiting = waiting.stream().filter(undeleted::contains).toList();
            if (!waiting.isEmpty() && !context.stop().passes(BACKOFF.computeDelay(attempt))) {
                return;
            }
        }
    }

    private static List<List<DeadLetter>> calls(List<DeadLetter> messages) {
        List<List<DeadLetter>> calls = new ArrayList<>();
        List<DeadLetter> call = new ArrayList<>();
        int bytes = 0;
        for (DeadLetter message : messages) {
            int size = message.size();
            if (!call.isEmpty() && bytes + size > BYTES_IN_A_CALL) {
                calls.add(call);
                call = new ArrayList<>();
                bytes = 0;
            }
            call.add(message);
            bytes += size;
        }
        calls.add(call);
        return calls;
    }
}
