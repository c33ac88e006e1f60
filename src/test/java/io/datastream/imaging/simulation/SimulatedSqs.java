package io.datastream.imaging.simulation;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResultEntry;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesRequest;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesResponse;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageResponse;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResultEntry;
import software.amazon.awssdk.services.sqs.model.SqsException;

/** SQS as an operator's process calls it: the DLQ to receive from and to delete in, the queue to send to. */
final class SimulatedSqs implements SqsClient {

    static final String DEAD_LETTERS = "dead-letters";
    static final String UPLOADS = "uploads";

    private static final long POLL = SimulatedTime.millis(100);

    private final Simulation simulation;
    private final SimulatedProcess process;
    private final SimulatedTime time;
    private final SplittableRandom random;
    private final SimulatedQueue deadLetters;

    /** The IDs of the messages that this process has received. */
    final Set<String> received = new HashSet<>();

    SimulatedSqs(
            Simulation simulation,
            SimulatedProcess process,
            SimulatedTime time,
            SplittableRandom random,
            SimulatedQueue deadLetters) {
        this.simulation = simulation;
        this.process = process;
        this.time = time;
        this.random = random;
        this.deadLetters = deadLetters;
    }

    /** One call: what SQS does, it does between the two halves of the latency, also if the answer is lost. */
    private <T> T call(Supplier<T> effect) {
        process.waits(latency());
        Fault fault = simulation.faultOfSqs();
        if (fault == null) {
            T answer = effect.get();
            process.waits(latency());
            return answer;
        }
        simulation.note("a call of the operator: %s", fault);
        switch (fault) {
            case SQS_THROTTLED ->
                throw SqsException.builder()
                        .statusCode(503)
                        .message("ThrottlingException")
                        .build();
            case SQS_ANSWER_LOST -> {
                effect.get();
                throw SdkClientException.create("reset", new IOException("reset"));
            }
            case SQS_SLOW -> {
                process.waits(SimulatedTime.millis(random.nextLong(25_000)));
                T answer = effect.get();
                process.waits(SimulatedTime.millis(random.nextLong(25_000)));
                return answer;
            }
            case OPERATOR_CRASH -> {
                if (random.nextBoolean()) {
                    effect.get();
                }
                process.kill();
                throw SdkClientException.create("killed");
            }
            default -> throw new IllegalStateException(fault + " is no fault of SQS");
        }
    }

    private long latency() {
        return SimulatedTime.millis(1 + random.nextInt(20)) + random.nextInt(1_000_000);
    }

    @Override
    public GetQueueAttributesResponse getQueueAttributes(GetQueueAttributesRequest request) {
        return call(() -> GetQueueAttributesResponse.builder()
                .attributes(Map.of(
                        QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                        Integer.toString(deadLetters.visible()),
                        QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE,
                        Integer.toString(deadLetters.size() - deadLetters.visible())))
                .build());
    }

    @Override
    public ReceiveMessageResponse receiveMessage(ReceiveMessageRequest request) {
        long end = time.now() + SimulatedTime.millis(request.waitTimeSeconds() * 1_000L);
        while (deadLetters.visible() == 0 && time.now() < end) {
            process.waits(POLL);
        }
        List<Message> messages = call(() -> {
            List<Message> some = new ArrayList<>();
            for (SimulatedQueue.Delivery delivery : deadLetters.receive(
                    request.maxNumberOfMessages(),
                    SimulatedTime.millis(request.visibilityTimeout() * 1_000L),
                    () -> false)) {
                simulation.note("%s is leased by an operator", delivery.message().id);
                some.add(Message.builder()
                        .messageId(delivery.message().id)
                        .receiptHandle(delivery.handle())
                        .body(delivery.message().body)
                        .attributes(Map.of(
                                MessageSystemAttributeName.SENT_TIMESTAMP,
                                Long.toString(
                                        SimulatedTime.START.toEpochMilli() + delivery.message().sent / 1_000_000)))
                        .build());
            }
            return some;
        });
        messages.forEach(message -> received.add(message.messageId()));
        return ReceiveMessageResponse.builder().messages(messages).build();
    }

    @Override
    public SendMessageBatchResponse sendMessageBatch(SendMessageBatchRequest request) {
        return call(() -> {
            List<SendMessageBatchResultEntry> successful = new ArrayList<>();
            List<BatchResultErrorEntry> failed = new ArrayList<>();
            for (SendMessageBatchRequestEntry entry : request.entries()) {
                if (simulation.hits(Fault.SQS_ENTRY_REFUSED)) {
                    failed.add(BatchResultErrorEntry.builder()
                            .id(entry.id())
                            .code("InvalidMessageContents")
                            .senderFault(true)
                            .build());
                } else {
                    successful.add(SendMessageBatchResultEntry.builder()
                            .id(entry.id())
                            .messageId(simulation.sendAgain(entry.messageBody()))
                            .build());
                }
            }
            return SendMessageBatchResponse.builder()
                    .successful(successful)
                    .failed(failed)
                    .build();
        });
    }

    @Override
    public DeleteMessageBatchResponse deleteMessageBatch(DeleteMessageBatchRequest request) {
        return call(() -> DeleteMessageBatchResponse.builder()
                .successful(request.entries().stream()
                        .map(entry -> {
                            deadLetters.delete(entry.receiptHandle());
                            return DeleteMessageBatchResultEntry.builder()
                                    .id(entry.id())
                                    .build();
                        })
                        .toList())
                .failed(List.of())
                .build());
    }

    @Override
    public ChangeMessageVisibilityBatchResponse changeMessageVisibilityBatch(
            ChangeMessageVisibilityBatchRequest request) {
        return call(() -> {
            request.entries().forEach(entry -> deadLetters.release(entry.receiptHandle()));
            return ChangeMessageVisibilityBatchResponse.builder()
                    .successful(List.of())
                    .failed(List.of())
                    .build();
        });
    }

    @Override
    public String serviceName() {
        return "sqs";
    }

    @Override
    public void close() {}
}
