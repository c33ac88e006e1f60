package io.datastream.imaging.load.drain;

import io.datastream.imaging.local.LocalClients;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;

/**
 * The least that drains a queue into a table: receive, {@code batchWriteItem} of ready-made items, delete. No envelope is
 * opened, no function invoked, no failure handled. Through the same endpoints as the pipeline.
 */
final class BareLoop {

    private static final int MESSAGES_PER_CALL = 10;
    private static final int ITEMS_PER_CALL = 25;

    private final Burst burst;
    private final List<WriteRequest> items;
    private final AtomicInteger next = new AtomicInteger();

    BareLoop(Burst burst) {
        this.burst = burst;
        items = IntStream.range(0, burst.events()).mapToObj(BareLoop::item).toList();
    }

    private static WriteRequest item(int number) {
        Map<String, AttributeValue> item = Map.of(
                "fileKey", AttributeValue.fromS("burst/patient-%05d_series-%06d.dcm".formatted(number % 5_000, number)),
                "uploadId", AttributeValue.fromS("096fKKXTRTtl3on89fVO.nfljts%06d".formatted(number)),
                "bucketName", AttributeValue.fromS("radiology-uploads-prod"),
                "fileSize", AttributeValue.fromN("524288"),
                "uploadTimestamp", AttributeValue.fromS("2026-11-23T09:30:00.125Z"),
                "patientId", AttributeValue.fromS("%05d".formatted(number % 5_000)),
                "eTag", AttributeValue.fromS("d41d8cd98f00b204e9800998ecf8427e"),
                "versionId", AttributeValue.fromS("096fKKXTRTtl3on89fVO.nfljts%06d".formatted(number)),
                "sequencer", AttributeValue.fromS("%018X".formatted(number)));
        return WriteRequest.builder().putRequest(put -> put.item(item)).build();
    }

    /** Drains the queue and returns when it is empty. */
    void run(int threads) {
        try (SqsClient sqs = LocalClients.sqs(burst.cloud().sqsEndpoint());
                DynamoDbClient dynamoDb = LocalClients.dynamoDb(burst.cloud().dynamoDbEndpoint());
                ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            List<CompletableFuture<Void>> loops = IntStream.range(0, threads)
                    .mapToObj(thread -> CompletableFuture.runAsync(() -> loop(sqs, dynamoDb), executor))
                    .toList();
            loops.forEach(CompletableFuture::join);
        }
    }

    private void loop(SqsClient sqs, DynamoDbClient dynamoDb) {
        List<Message> messages = receive(sqs);
        while (!messages.isEmpty()) {
            int from = next.getAndAdd(messages.size());
            List<WriteRequest> some = items.subList(from, from + messages.size());
            dynamoDb.batchWriteItem(request -> request.requestItems(Map.of(burst.tableName(), some)));
            delete(sqs, messages);
            messages = receive(sqs);
        }
    }

    /** As many messages as a call to DynamoDB takes items. */
    private List<Message> receive(SqsClient sqs) {
        List<Message> messages = new ArrayList<>(ITEMS_PER_CALL);
        List<Message> received;
        do {
            int most = Math.min(MESSAGES_PER_CALL, ITEMS_PER_CALL - messages.size());
            received = sqs.receiveMessage(
                            request -> request.queueUrl(burst.queueUrl()).maxNumberOfMessages(most))
                    .messages();
            messages.addAll(received);
        } while (!received.isEmpty() && messages.size() < ITEMS_PER_CALL);
        return messages;
    }

    private void delete(SqsClient sqs, List<Message> messages) {
        for (int from = 0; from < messages.size(); from += MESSAGES_PER_CALL) {
            List<DeleteMessageBatchRequestEntry> entries =
                    messages.subList(from, Math.min(from + MESSAGES_PER_CALL, messages.size())).stream()
                            .map(message -> DeleteMessageBatchRequestEntry.builder()
                                    .id(message.messageId())
                                    .receiptHandle(message.receiptHandle())
                                    .build())
                            .toList();
            sqs.deleteMessageBatch(request -> request.queueUrl(burst.queueUrl()).entries(entries));
        }
    }
}
