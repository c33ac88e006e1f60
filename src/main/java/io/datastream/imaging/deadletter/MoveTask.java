package io.datastream.imaging.deadletter;

import java.util.Comparator;
import java.util.Optional;
import java.util.OptionalInt;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.ListMessageMoveTasksResultEntry;
import software.amazon.awssdk.services.sqs.model.SqsException;

/**
 * SQS's own way to move everything out of a dead-letter queue: at most 500 messages a second, without a look at them,
 * and only for queues that SQS itself fills.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html">
 *     StartMessageMoveTask</a>
 */
public final class MoveTask {

    /** SQS's limit. */
    public static final int MAXIMUM_PER_SECOND = 500;

    /** What became of the wish to start one. */
    public sealed interface Start {

        /** It runs. */
        record Started(MoveTask task) implements Start {}

        /** SQS does not do it for this queue or this caller, or is an emulator that can not. */
        record Refused(String errorCode) implements Start {}

        /** There is one already; a queue can have no two. */
        record AlreadyRunning(Progress progress) implements Start {}
    }

    /**
     * How far a task is.
     *
     * @param status SQS's word for it: {@code RUNNING}, {@code COMPLETED}, {@code CANCELLING}, {@code CANCELLED},
     *     {@code FAILED}
     * @param moved messages, roughly
     * @param toMove messages, roughly, as counted at its start
     * @param failure SQS's reason, if it failed
     */
    public record Progress(String status, long moved, long toMove, Optional<String> failure) {

        public boolean isOver() {
            return !status.equals("RUNNING") && !status.equals("CANCELLING");
        }

        public boolean isComplete() {
            return status.equals("COMPLETED");
        }
    }

    private final SqsClient sqs;
    private final String sourceArn;
    private final String handle;

    private MoveTask(SqsClient sqs, String sourceArn, String handle) {
        this.sqs = sqs;
        this.sourceArn = sourceArn;
        this.handle = handle;
    }

    /**
     * Starts a task, if SQS allows it.
     *
     * @param perSecond 1 to {@value #MAXIMUM_PER_SECOND}; empty for as fast as SQS can
     */
    public static Start start(SqsClient sqs, DeadLetterQueue from, SourceQueue to, OptionalInt perSecond) {
        String sourceArn = from.arn();
        String destinationArn = to.arn();
        try {
            Optional<Progress> latest = latest(sqs, sourceArn);
            if (latest.isPresent() && !latest.get().isOver()) {
                return new Start.AlreadyRunning(latest.get());
            }
            return new Start.Started(new MoveTask(
                    sqs,
                    sourceArn,
                    sqs.startMessageMoveTask(request -> request.sourceArn(sourceArn)
                                    .destinationArn(destinationArn)
                                    .maxNumberOfMessagesPerSecond(
                                            perSecond.isPresent() ? (Integer) perSecond.getAsInt() : null))
                            .taskHandle()));
        } catch (SqsException e) {
            if (e.isThrottlingException()) {
                throw e;
            }
            String code =
                    e.awsErrorDetails() == null ? null : e.awsErrorDetails().errorCode();
            return new Start.Refused(code == null ? "HTTP " + e.statusCode() : code);
        }
    }

    /** How far it is now. */
    public Progress progress() {
        return latest(sqs, sourceArn).orElse(new Progress("RUNNING", 0, 0, Optional.empty()));
    }

    /** Stops it; what it has moved stays moved. */
    public void cancel() {
        sqs.cancelMessageMoveTask(request -> request.taskHandle(handle));
    }

    private static Optional<Progress> latest(SqsClient sqs, String sourceArn) {
        return sqs.listMessageMoveTasks(request -> request.sourceArn(sourceArn).maxResults(10)).results().stream()
                .max(Comparator.comparing(ListMessageMoveTasksResultEntry::startedTimestamp))
                .map(MoveTask::progress);
    }

    private static Progress progress(ListMessageMoveTasksResultEntry entry) {
        return new Progress(
                entry.status(),
                orZero(entry.approximateNumberOfMessagesMoved()),
                orZero(entry.approximateNumberOfMessagesToMove()),
                Optional.ofNullable(entry.failureReason()));
    }

    private static long orZero(Long number) {
        return number == null ? 0 : number;
    }
}
