package io.datastream.imaging.deadletter;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageResponse;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.SqsException;

/**
 * Fails single entries of batches by chance, as SQS may, and keeps the books: which bodies were accepted, and whether
 * any message was deleted whose body was not.
 */
final class FaultySqs extends ForwardingSqs {

    final Set<String> deletedUnsent = ConcurrentHashMap.newKeySet();
    private final Random random = new Random(7);
    private final ConcurrentHashMap<String, String> bodiesByReceipt = new ConcurrentHashMap<>();
    private final Set<String> accepted = ConcurrentHashMap.newKeySet();
    private volatile double sendFailures;
    private volatile boolean isSenderAtFault;
    private volatile double deleteFailures;
    private volatile double expiredReceipts;
    private volatile boolean isBroken;

    FaultySqs(SqsClient sqs) {
        super(sqs);
    }

    FaultySqs failSends(double probability, boolean senderAtFault) {
        sendFailures = probability;
        isSenderAtFault = senderAtFault;
        return this;
    }

    FaultySqs failDeletes(double probability) {
        deleteFailures = probability;
        return this;
    }

    FaultySqs expireReceipts(double probability) {
        expiredReceipts = probability;
        return this;
    }

    /** Every send of a batch fails from now on, with what the client throws after its last retry. */
    FaultySqs breakSends() {
        isBroken = true;
        return this;
    }

    private synchronized boolean strikes(double probability) {
        return random.nextDouble() < probability;
    }

    @Override
    public ReceiveMessageResponse receiveMessage(ReceiveMessageRequest request) {
        ReceiveMessageResponse response = super.receiveMessage(request);
        response.messages().forEach(message -> bodiesByReceipt.put(message.receiptHandle(), message.body()));
        return response;
    }

    @Override
    public SendMessageBatchResponse sendMessageBatch(SendMessageBatchRequest request) {
        if (isBroken) {
            throw SqsException.builder()
                    .statusCode(503)
                    .awsErrorDetails(AwsErrorDetails.builder()
                            .errorCode("ServiceUnavailable")
                            .build())
                    .build();
        }
        List<SendMessageBatchRequestEntry> passed = new ArrayList<>();
        List<BatchResultErrorEntry> failed = new ArrayList<>();
        for (SendMessageBatchRequestEntry entry : request.entries()) {
            if (strikes(sendFailures)) {
                failed.add(failure(entry.id(), "InternalError", isSenderAtFault));
            } else {
                passed.add(entry);
            }
        }
        SendMessageBatchResponse.Builder response = SendMessageBatchResponse.builder();
        if (!passed.isEmpty()) {
            response.successful(
                    super.sendMessageBatch(request.toBuilder().entries(passed).build())
                            .successful());
            passed.forEach(entry -> accepted.add(entry.messageBody()));
        }
        return response.failed(failed).build();
    }

    @Override
    public DeleteMessageBatchResponse deleteMessageBatch(DeleteMessageBatchRequest request) {
        List<DeleteMessageBatchRequestEntry> passed = new ArrayList<>();
        List<BatchResultErrorEntry> failed = new ArrayList<>();
        for (DeleteMessageBatchRequestEntry entry : request.entries()) {
            String body = bodiesByReceipt.get(entry.receiptHandle());
            if (!accepted.contains(body)) {
                deletedUnsent.add(body);
            }
            if (strikes(deleteFailures)) {
                failed.add(failure(entry.id(), "InternalError", false));
            } else if (isExpired(entry.receiptHandle())) {
                failed.add(failure(entry.id(), "ReceiptHandleIsInvalid", true));
            } else {
                passed.add(entry);
            }
        }
        DeleteMessageBatchResponse.Builder response = DeleteMessageBatchResponse.builder();
        if (!passed.isEmpty()) {
            response.successful(
                    super.deleteMessageBatch(request.toBuilder().entries(passed).build())
                            .successful());
        }
        return response.failed(failed).build();
    }

    @Override
    public ChangeMessageVisibilityBatchResponse changeMessageVisibilityBatch(
            ChangeMessageVisibilityBatchRequest request) {
        List<ChangeMessageVisibilityBatchRequestEntry> passed = new ArrayList<>();
        List<BatchResultErrorEntry> failed = new ArrayList<>();
        for (ChangeMessageVisibilityBatchRequestEntry entry : request.entries()) {
            if (isExpired(entry.receiptHandle())) {
                failed.add(failure(entry.id(), "ReceiptHandleIsInvalid", true));
            } else {
                passed.add(entry);
            }
        }
        ChangeMessageVisibilityBatchResponse.Builder response = ChangeMessageVisibilityBatchResponse.builder();
        if (!passed.isEmpty()) {
            response.successful(super.changeMessageVisibilityBatch(
                            request.toBuilder().entries(passed).build())
                    .successful());
        }
        return response.failed(failed).build();
    }

    /** A receipt is expired for good or not at all. */
    private boolean isExpired(String receiptHandle) {
        return new Random(receiptHandle.hashCode()).nextDouble() < expiredReceipts;
    }

    private static BatchResultErrorEntry failure(String id, String code, boolean senderFault) {
        return BatchResultErrorEntry.builder()
                .id(id)
                .code(code)
                .senderFault(senderFault)
                .build();
    }
}
