package io.datastream.imaging.deadletter;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Stream;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResultEntry;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesRequest;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesResponse;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeNameForSends;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageResponse;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResultEntry;
import software.amazon.awssdk.services.sqs.model.SqsException;

/** Queues in memory, with visibility timeouts on a test's clock, and with faults where a test wants them. */
final class FakeSqs implements SqsClient {

    /** The calls that a run makes. */
    enum Call {
        ATTRIBUTES,
        RECEIVE,
        SEND,
        DELETE,
        RELEASE
    }

    private static final class Stored {
        private final String id;
        private final String body;
        private final Instant sentAt;
        private final Map<String, MessageAttributeValue> attributes;
        private final Optional<String> traceHeader;
        private Instant visibleAt = Instant.MIN;
        private String receiptHandle = "";
        private int receives;

        private Stored(
                String id,
                String body,
                Instant sentAt,
                Map<String, MessageAttributeValue> attributes,
                Optional<String> traceHeader) {
            this.id = id;
            this.body = body;
            this.sentAt = sentAt;
            this.attributes = attributes;
            this.traceHeader = traceHeader;
        }
    }

    private final FakeTime time;
    private final Map<String, Map<String, Stored>> queues = new HashMap<>();
    private final Map<Call, Deque<RuntimeException>> failures = new HashMap<>();
    private final Map<Call, Deque<RuntimeException>> lostResponses = new HashMap<>();
    private final Map<Call, RuntimeException> lasting = new HashMap<>();
    private final Set<String> everAccepted = new HashSet<>();
    private int numbers;

    /** Advances the clock at each call. */
    volatile Duration latency = Duration.ZERO;

    /** Runs before each call, outside of the lock. */
    volatile Consumer<Call> listener = call -> {};

    /** The error code of an entry by its body; null lets it pass. */
    volatile BiFunction<Call, String, String> entryFailure = (call, body) -> null;

    volatile boolean isSenderAtFault;

    /** Messages that were deleted before another queue had accepted their body. */
    final Set<String> deletedUnsent = new HashSet<>();

    /** When each send was made, and with how many messages. */
    final List<Map.Entry<Instant, Integer>> sends = new ArrayList<>();

    final Map<Call, Integer> calls = new HashMap<>();

    FakeSqs(FakeTime time) {
        this.time = time;
    }

    static AwsServiceException error(int status, String code) {
        return SqsException.builder()
                .statusCode(status)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode(code)
                        .errorMessage("text of " + code)
                        .build())
                .build();
    }

    static SdkClientException noResponse() {
        return SdkClientException.create("no response", new IOException("connection reset"));
    }

    void failOnce(Call call, RuntimeException failure) {
        failures.computeIfAbsent(call, any -> new ArrayDeque<>()).add(failure);
    }

    void loseResponseOnce(Call call) {
        lostResponses.computeIfAbsent(call, any -> new ArrayDeque<>()).add(noResponse());
    }

    void failAlways(Call call, RuntimeException failure) {
        lasting.put(call, failure);
    }

    /** Adds a message. */
    synchronized String add(String url, String body) {
        return add(url, body, time.instant(), Map.of(), Optional.empty());
    }

    synchronized String add(
            String url,
            String body,
            Instant sentAt,
            Map<String, MessageAttributeValue> attributes,
            Optional<String> traceHeader) {
        String id = "message-%06d".formatted(numbers++);
        queue(url).put(id, new Stored(id, body, sentAt, attributes, traceHeader));
        return id;
    }

    /** Another consumer leases messages. */
    synchronized List<String> lease(String url, int most, Duration visibility) {
        return receive(url, most, visibility).stream().map(Message::messageId).toList();
    }

    /** Another consumer gives a message back. */
    synchronized void release(String url, String messageId) {
        queue(url).get(messageId).visibleAt = Instant.MIN;
    }

    /** Another consumer deletes a message. */
    synchronized void remove(String url, String body) {
        queue(url).values().removeIf(stored -> stored.body.equals(body));
    }

    synchronized List<String> bodies(String url) {
        return queue(url).values().stream().map(stored -> stored.body).sorted().toList();
    }

    synchronized long inFlight(String url) {
        return queue(url).values().stream().filter(stored -> !isVisible(stored)).count();
    }

    /** As a redrive does: the messages keep their IDs. */
    synchronized void move(String from, String to) {
        queue(to).putAll(queue(from));
        queue(from).clear();
    }

    synchronized Message message(String url) {
        return receive(url, 1, Duration.ofSeconds(1)).getFirst();
    }

    private Map<String, Stored> queue(String url) {
        return queues.computeIfAbsent(url, any -> new LinkedHashMap<>());
    }

    private boolean isVisible(Stored stored) {
        return !stored.visibleAt.isAfter(time.instant());
    }

    /** Counts and delays a call, and throws where the test wants it. */
    private void begin(Call call) {
        listener.accept(call);
        time.advance(latency);
        synchronized (this) {
            calls.merge(call, 1, Integer::sum);
            RuntimeException failure = lasting.get(call);
            if (failure == null) {
                failure = failures.getOrDefault(call, new ArrayDeque<>()).poll();
            }
            if (failure != null) {
                throw failure;
            }
        }
    }

    private synchronized void end(Call call) {
        RuntimeException lost =
                lostResponses.getOrDefault(call, new ArrayDeque<>()).poll();
        if (lost != null) {
            throw lost;
        }
    }

    @Override
    public GetQueueAttributesResponse getQueueAttributes(GetQueueAttributesRequest request) {
        begin(Call.ATTRIBUTES);
        synchronized (this) {
            long inFlight = inFlight(request.queueUrl());
            return GetQueueAttributesResponse.builder()
                    .attributes(Map.of(
                            QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                            Long.toString(queue(request.queueUrl()).size() - inFlight),
                            QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE,
                            Long.toString(inFlight),
                            QueueAttributeName.QUEUE_ARN,
                            "arn:" + request.queueUrl(),
                            QueueAttributeName.KMS_MASTER_KEY_ID,
                            "key-of-" + request.queueUrl()))
                    .build();
        }
    }

    @Override
    public ReceiveMessageResponse receiveMessage(ReceiveMessageRequest request) {
        begin(Call.RECEIVE);
        List<Message> received = receive(
                request.queueUrl(), request.maxNumberOfMessages(), Duration.ofSeconds(request.visibilityTimeout()));
        end(Call.RECEIVE);
        return ReceiveMessageResponse.builder().messages(received).build();
    }

    private synchronized List<Message> receive(String url, int most, Duration visibility) {
        List<Message> received = new ArrayList<>();
        // A queue of visible messages in front: the tests with many messages would be slow otherwise.
        for (Stored stored : visible(url, most)) {
            stored.visibleAt = time.instant().plus(visibility);
            stored.receives++;
            stored.receiptHandle = stored.id + "#" + stored.receives;
            Map<MessageSystemAttributeName, String> system = new HashMap<>();
            system.put(MessageSystemAttributeName.SENT_TIMESTAMP, Long.toString(stored.sentAt.toEpochMilli()));
            system.put(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT, Integer.toString(stored.receives));
            stored.traceHeader.ifPresent(header -> system.put(MessageSystemAttributeName.AWS_TRACE_HEADER, header));
            received.add(Message.builder()
                    .messageId(stored.id)
                    .receiptHandle(stored.receiptHandle)
                    .body(stored.body)
                    .attributes(system)
                    .messageAttributes(stored.attributes)
                    .build());
        }
        return received;
    }

    private List<Stored> visible(String url, int most) {
        Map<String, Stored> queue = queue(url);
        List<Stored> found = new ArrayList<>();
        for (Stored stored : queue.values()) {
            if (found.size() == most) {
                break;
            }
            if (isVisible(stored)) {
                found.add(stored);
            }
        }
        // What is leased goes to the back.
        found.forEach(stored -> {
            queue.remove(stored.id);
            queue.put(stored.id, stored);
        });
        return found;
    }

    @Override
    public SendMessageBatchResponse sendMessageBatch(SendMessageBatchRequest request) {
        begin(Call.SEND);
        SendMessageBatchResponse.Builder response = SendMessageBatchResponse.builder();
        List<SendMessageBatchResultEntry> successful = new ArrayList<>();
        List<BatchResultErrorEntry> failed = new ArrayList<>();
        synchronized (this) {
            sends.add(Map.entry(time.instant(), request.entries().size()));
            for (SendMessageBatchRequestEntry entry : request.entries()) {
                String code = entryFailure.apply(Call.SEND, entry.messageBody());
                if (code != null) {
                    failed.add(failure(entry.id(), code));
                    continue;
                }
                everAccepted.add(entry.messageBody());
                String id = add(
                        request.queueUrl(),
                        entry.messageBody(),
                        time.instant(),
                        entry.messageAttributes(),
                        Optional.ofNullable(entry.messageSystemAttributes()
                                        .get(MessageSystemAttributeNameForSends.AWS_TRACE_HEADER))
                                .map(value -> value.stringValue()));
                successful.add(SendMessageBatchResultEntry.builder()
                        .id(entry.id())
                        .messageId(id)
                        .build());
            }
        }
        end(Call.SEND);
        return response.successful(successful).failed(failed).build();
    }

    @Override
    public DeleteMessageBatchResponse deleteMessageBatch(DeleteMessageBatchRequest request) {
        begin(Call.DELETE);
        List<DeleteMessageBatchResultEntry> successful = new ArrayList<>();
        List<BatchResultErrorEntry> failed = new ArrayList<>();
        synchronized (this) {
            for (DeleteMessageBatchRequestEntry entry : request.entries()) {
                Stored stored = stored(request.queueUrl(), entry.receiptHandle());
                String code = stored == null ? null : entryFailure.apply(Call.DELETE, stored.body);
                if (code == null && stored != null && !stored.receiptHandle.equals(entry.receiptHandle())) {
                    code = "ReceiptHandleIsInvalid";
                }
                if (code != null) {
                    failed.add(failure(entry.id(), code));
                    continue;
                }
                if (stored != null) {
                    queue(request.queueUrl()).remove(stored.id);
                    if (!everAccepted.contains(stored.body)) {
                        deletedUnsent.add(stored.body);
                    }
                }
                successful.add(
                        DeleteMessageBatchResultEntry.builder().id(entry.id()).build());
            }
        }
        end(Call.DELETE);
        return DeleteMessageBatchResponse.builder()
                .successful(successful)
                .failed(failed)
                .build();
    }

    @Override
    public ChangeMessageVisibilityBatchResponse changeMessageVisibilityBatch(
            ChangeMessageVisibilityBatchRequest request) {
        begin(Call.RELEASE);
        synchronized (this) {
            for (ChangeMessageVisibilityBatchRequestEntry entry : request.entries()) {
                Stored stored = stored(request.queueUrl(), entry.receiptHandle());
                if (stored != null && stored.receiptHandle.equals(entry.receiptHandle())) {
                    stored.visibleAt = time.instant().plusSeconds(entry.visibilityTimeout());
                }
            }
        }
        end(Call.RELEASE);
        return ChangeMessageVisibilityBatchResponse.builder().build();
    }

    private Stored stored(String url, String receiptHandle) {
        return queue(url).get(receiptHandle.substring(0, receiptHandle.indexOf('#')));
    }

    private BatchResultErrorEntry failure(String id, String code) {
        return BatchResultErrorEntry.builder()
                .id(id)
                .code(code)
                .senderFault(isSenderAtFault)
                .build();
    }

    /** Every body in any of the queues. */
    synchronized Set<String> allBodies() {
        Set<String> all = new HashSet<>();
        Stream.of(queues.keySet().toArray(String[]::new)).forEach(url -> all.addAll(bodies(url)));
        return all;
    }

    @Override
    public String serviceName() {
        return "sqs";
    }

    @Override
    public void close() {}
}
