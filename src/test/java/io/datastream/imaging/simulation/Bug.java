package io.datastream.imaging.simulation;

import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse.BatchItemFailure;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import io.datastream.imaging.metadata.ImageMetadataTable;
import io.datastream.imaging.metadata.RecordKey;
import java.math.BigInteger;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemResponse;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesRequest;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesResponse;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageResponse;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResultEntry;

/** Realistic mistakes, each with the check that must notice it. They wrap the real code or change its wiring. */
enum Bug implements Variant {
    FIRST_RECORD_ONLY(Check.ACKNOWLEDGED_WHEN_WRITTEN) {
        @Override
        public Function function(Function real, SimulatedProcess process) {
            return withBodies(real, body -> {
                int second = body.indexOf(",{\"eventVersion");
                int end = body.lastIndexOf("]}");
                return second < 0 ? body : body.substring(0, second) + body.substring(end);
            });
        }
    },
    KEY_DECODED_TWICE(Check.ACKNOWLEDGED_WHEN_WRITTEN) {
        @Override
        public DynamoDbClient table(DynamoDbClient real) {
            return withItems(real, item -> {
                try {
                    put(item, "fileKey", URLDecoder.decode(text(item, "fileKey"), StandardCharsets.UTF_8));
                } catch (IllegalArgumentException notEncoded) {
                    // It stays as it is.
                }
            });
        }
    },
    KEY_NOT_DECODED(Check.ACKNOWLEDGED_WHEN_WRITTEN) {
        @Override
        public DynamoDbClient table(DynamoDbClient real) {
            return withItems(
                    real,
                    item -> put(item, "fileKey", URLEncoder.encode(text(item, "fileKey"), StandardCharsets.UTF_8)));
        }
    },
    SORT_KEY_WITHOUT_VERSION(Check.ACKNOWLEDGED_WHEN_WRITTEN) {
        @Override
        public DynamoDbClient table(DynamoDbClient real) {
            return withItems(real, item -> put(item, "uploadId", "upload"));
        }
    },
    SEQUENCER_NOT_PADDED(Check.ACKNOWLEDGED_WHEN_WRITTEN) {
        @Override
        public DynamoDbClient table(DynamoDbClient real) {
            return withItems(real, item -> {
                if (!item.containsKey("versionId") && item.containsKey("sequencer")) {
                    put(item, "uploadId", text(item, "sequencer"));
                }
            });
        }
    },
    /** The newest upload of a key replaces the others, and sequencers are compared as numbers. */
    SEQUENCERS_COMPARED_AS_NUMBERS(Check.ACKNOWLEDGED_WHEN_WRITTEN) {
        @Override
        public DynamoDbClient table(DynamoDbClient real) {
            Map<String, BigInteger> newest = new HashMap<>();
            return withCalls(real, requests -> requests.stream()
                    .filter(request -> {
                        Map<String, AttributeValue> item = request.putRequest().item();
                        BigInteger number = item.containsKey("sequencer")
                                ? new BigInteger(text(item, "sequencer"), 16)
                                : BigInteger.ZERO;
                        return newest.merge(text(item, "fileKey"), number, BigInteger::max)
                                .equals(number);
                    })
                    .toList());
        }
    },
    TIME_OF_THE_CLOCK(Check.TABLE_EQUALS_MODEL) {
        @Override
        public DynamoDbClient table(DynamoDbClient real) {
            return withItems(real, item -> put(item, "uploadTimestamp", "2026-11-23T09:31:00.000Z"));
        }
    },
    MILLISECONDS_CUT_OFF(Check.TABLE_EQUALS_MODEL) {
        @Override
        public DynamoDbClient table(DynamoDbClient real) {
            return withItems(
                    real,
                    item -> put(
                            item,
                            "uploadTimestamp",
                            text(item, "uploadTimestamp").replaceFirst("\\.\\d{3}Z", ".000Z")));
        }
    },
    SIZE_OF_32_BITS(Check.TABLE_EQUALS_MODEL) {
        @Override
        public DynamoDbClient table(DynamoDbClient real) {
            return withItems(
                    real,
                    item -> item.put("fileSize", AttributeValue.fromN(Integer.toString((int)
                            Long.parseLong(item.get("fileSize").n())))));
        }
    },
    EMPTY_FILES_SKIPPED(Check.ACKNOWLEDGED_WHEN_WRITTEN) {
        @Override
        public DynamoDbClient table(DynamoDbClient real) {
            return withCalls(real, requests -> requests.stream()
                    .filter(request ->
                            !request.putRequest().item().get("fileSize").n().equals("0"))
                    .toList());
        }
    },
    QUOTED_E_TAG(Check.TABLE_EQUALS_MODEL) {
        @Override
        public DynamoDbClient table(DynamoDbClient real) {
            return withItems(real, item -> put(item, "eTag", "\"" + text(item, "eTag") + "\""));
        }
    },
    UNPROCESSED_ITEMS_FORGOTTEN(Check.ACKNOWLEDGED_WHEN_WRITTEN) {
        @Override
        public DynamoDbClient table(DynamoDbClient real) {
            return client(request -> {
                real.batchWriteItem(request);
                return BatchWriteItemResponse.builder().build();
            });
        }
    },
    LOST_ANSWER_TAKEN_FOR_SUCCESS(Check.ACKNOWLEDGED_WHEN_WRITTEN) {
        @Override
        public DynamoDbClient table(DynamoDbClient real) {
            return client(request -> {
                try {
                    return real.batchWriteItem(request);
                } catch (SdkClientException lost) {
                    return BatchWriteItemResponse.builder().build();
                }
            });
        }
    },
    THROTTLING_TAKEN_FOR_SUCCESS(Check.ACKNOWLEDGED_WHEN_WRITTEN) {
        @Override
        public DynamoDbClient table(DynamoDbClient real) {
            return client(request -> {
                try {
                    return real.batchWriteItem(request);
                } catch (DynamoDbException e) {
                    if (e.isThrottlingException()) {
                        return BatchWriteItemResponse.builder().build();
                    }
                    throw e;
                }
            });
        }
    },
    /** A call that DynamoDB refuses for one item fails all of its items. */
    REFUSED_CALL_NOT_SPLIT(Check.FAILED_FOR_A_REASON) {
        @Override
        public DynamoDbClient table(DynamoDbClient real) {
            return client(request -> {
                try {
                    return real.batchWriteItem(request);
                } catch (DynamoDbException e) {
                    throw e.awsErrorDetails().errorCode().equals("ValidationException")
                            ? SimulatedTable.error(400, "AccessDeniedException")
                            : e;
                }
            });
        }
    },
    SAME_KEY_TWICE_IN_A_CALL(Check.CALLS_ARE_VALID) {
        @Override
        public DynamoDbClient table(DynamoDbClient real) {
            return withCalls(real, requests -> {
                List<WriteRequest> twice = new ArrayList<>(requests);
                twice.add(requests.getFirst());
                return requests.size() > 3 ? twice : requests;
            });
        }
    },
    WHOLE_BATCH_FAILED(Check.FAILED_FOR_A_REASON) {
        @Override
        public Function function(Function real, SimulatedProcess process) {
            return withFailures(real, (event, failed) -> failed.isEmpty() ? failed : ids(event));
        }
    },
    /** A bad message makes the handler throw. */
    THROWS_FOR_A_BAD_MESSAGE(Check.NEVER_THROWS) {
        @Override
        public Function function(Function real, SimulatedProcess process) {
            return withFailures(real, (event, failed) -> {
                if (!failed.isEmpty()) {
                    throw new IllegalStateException("a message failed");
                }
                return failed;
            });
        }
    },
    FAILURES_IGNORED(Check.ACKNOWLEDGED_WHEN_WRITTEN) {
        @Override
        public Function function(Function real, SimulatedProcess process) {
            return withFailures(real, (event, failed) -> Set.of());
        }
    },
    BAD_MESSAGES_ACKNOWLEDGED(Check.ACKNOWLEDGED_WHEN_WRITTEN) {
        @Override
        public Function function(Function real, SimulatedProcess process) {
            return withBodies(
                    real,
                    body -> body.contains("ObjectCreated") || body.contains("Object Created")
                            ? body.replace("nobody", "patient-0_")
                            : "{\"Records\":[]}");
        }
    },
    IGNORED_EVENTS_FAIL(Check.FAILED_FOR_A_REASON) {
        @Override
        public Function function(Function real, SimulatedProcess process) {
            return withBodies(
                    real, body -> body.replace("s3:TestEvent", "s3:Other").replace("ObjectRemoved", "ObjectCreated"));
        }
    },
    WRONG_IDENTIFIER(Check.RESPONSE_IS_VALID) {
        @Override
        public Function function(Function real, SimulatedProcess process) {
            return (event, timeLeft) -> response(failed(real.handle(event, timeLeft)).stream()
                    .map(id -> id + "/1")
                    .toList());
        }
    },
    /** The list of failures is a field that no invocation clears. */
    FAILURES_KEPT_BETWEEN_INVOCATIONS(Check.RESPONSE_IS_VALID) {
        @Override
        public Function function(Function real, SimulatedProcess process) {
            Set<String> kept = new HashSet<>();
            return withFailures(real, (event, failed) -> {
                kept.addAll(failed);
                return kept;
            });
        }
    },
    /** Threads add to one ArrayList: read the size, write the element, write the size. */
    SHARED_LIST_NOT_THREAD_SAFE(Check.ACKNOWLEDGED_WHEN_WRITTEN) {
        @Override
        public Function function(Function real, SimulatedProcess process) {
            return (event, timeLeft) -> {
                List<String> failed = failed(real.handle(event, timeLeft));
                String[] elements = new String[failed.size()];
                int[] size = new int[1];
                for (String id : failed) {
                    process.execute(() -> {
                        int index = size[0];
                        sleep(process, 1);
                        elements[index] = id;
                        size[0] = index + 1;
                    });
                }
                sleep(process, 1_000);
                return response(Arrays.stream(elements)
                        .limit(size[0])
                        .filter(Objects::nonNull)
                        .toList());
            };
        }
    },
    ACKNOWLEDGED_BEFORE_THE_WRITE(Check.ACKNOWLEDGED_WHEN_WRITTEN) {
        @Override
        public Function function(Function real, SimulatedProcess process) {
            return (event, timeLeft) -> {
                process.execute(() -> real.handle(event, timeLeft));
                return response(List.of());
            };
        }
    },
    RETRIES_PAST_THE_DEADLINE(Check.ANSWERS_IN_TIME) {
        @Override
        public Function function(Function real, SimulatedProcess process) {
            return (event, timeLeft) -> real.handle(event, timeLeft.plusSeconds(5));
        }
    },
    NO_MARGIN(Check.ANSWERS_IN_TIME) {
        @Override
        public Function function(Function real, SimulatedProcess process) {
            return (event, timeLeft) -> real.handle(event, timeLeft.plusMillis(400));
        }
    },
    /** The calls of an invocation go on after it has answered. */
    WORKS_ON_AFTER_THE_ANSWER(Check.QUIET_AFTER_ANSWER) {
        @Override
        public Function function(Function real, SimulatedProcess process) {
            return (event, timeLeft) -> {
                SQSBatchResponse response = real.handle(event, timeLeft);
                if (!failed(response).isEmpty()) {
                    process.execute(() -> {
                        sleep(process, 100_000);
                        real.handle(event, timeLeft);
                    });
                }
                return response;
            };
        }
    },
    /** The event source does not look at the response. */
    RESPONSE_NOT_REPORTED(Check.ACKNOWLEDGED_WHEN_WRITTEN) {
        @Override
        public boolean reportBatchItemFailures() {
            return false;
        }
    },
    VISIBILITY_TIMEOUT_TOO_SHORT(Check.DLQ_FOR_A_REASON) {
        @Override
        public int visibilityTimeout() {
            return Simulation.FUNCTION_TIMEOUT_SECONDS;
        }
    },
    TOO_FEW_TRIES(Check.DLQ_FOR_A_REASON) {
        @Override
        public int maximumReceiveCount() {
            return 1;
        }
    },
    /** A repair replaces the record of a notification that came between the lookup and the write. */
    REPAIR_WITHOUT_CONDITION(Check.TABLE_EQUALS_MODEL) {
        @Override
        public DynamoDbClient reconcileTable(DynamoDbClient real) {
            return new ForwardingTable(real) {
                @Override
                public PutItemResponse putItem(PutItemRequest request) {
                    return super.putItem(
                            request.toBuilder().conditionExpression(null).build());
                }
            };
        }
    },
    CUT_OFF_FORGOTTEN(Check.REPAIRS_WHAT_IS_DUE) {
        @Override
        public int cutOffSeconds() {
            return 0;
        }
    },
    RECONCILES_PAST_THE_DEADLINE(Check.ANSWERS_IN_TIME) {
        @Override
        public int reconcileMilliseconds(int milliseconds) {
            return milliseconds + 5_000;
        }
    },
    /** The replay deletes messages when it has received them, before the other queue has accepted them. */
    DELETED_BEFORE_ACCEPTED(Check.NO_MESSAGE_LOST) {
        @Override
        public SqsClient sqs(SqsClient real) {
            return new ForwardingSqs(real) {
                @Override
                public ReceiveMessageResponse receiveMessage(ReceiveMessageRequest request) {
                    ReceiveMessageResponse response = super.receiveMessage(request);
                    List<DeleteMessageBatchRequestEntry> entries = response.messages().stream()
                            .map(message -> DeleteMessageBatchRequestEntry.builder()
                                    .id(message.messageId())
                                    .receiptHandle(message.receiptHandle())
                                    .build())
                            .toList();
                    if (!entries.isEmpty()) {
                        super.deleteMessageBatch(DeleteMessageBatchRequest.builder()
                                .queueUrl(request.queueUrl())
                                .entries(entries)
                                .build());
                    }
                    return response;
                }
            };
        }
    },
    /** The replay takes each entry of a batch for accepted. */
    REFUSED_ENTRIES_DELETED(Check.NO_MESSAGE_LOST) {
        @Override
        public SqsClient sqs(SqsClient real) {
            return new ForwardingSqs(real) {
                @Override
                public SendMessageBatchResponse sendMessageBatch(SendMessageBatchRequest request) {
                    super.sendMessageBatch(request);
                    return SendMessageBatchResponse.builder()
                            .successful(request.entries().stream()
                                    .map(entry -> SendMessageBatchResultEntry.builder()
                                            .id(entry.id())
                                            .messageId("unknown")
                                            .build())
                                    .toList())
                            .failed(List.of())
                            .build();
                }
            };
        }
    },
    /** What other consumers lease is not counted, and the replay claims to have seen all. */
    LEASES_OF_OTHERS_IGNORED(Check.COMPLETE_MEANS_SEEN) {
        @Override
        public SqsClient sqs(SqsClient real) {
            return new ForwardingSqs(real) {
                @Override
                public GetQueueAttributesResponse getQueueAttributes(GetQueueAttributesRequest request) {
                    return GetQueueAttributesResponse.builder()
                            .attributes(Map.of(
                                    QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                                    super.getQueueAttributes(request)
                                            .attributes()
                                            .get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES)))
                            .build();
                }
            };
        }
    },
    /** A repair that fails counts as written. */
    REPAIRS_FORGOTTEN(Check.TABLE_EQUALS_MODEL) {
        @Override
        public DynamoDbClient reconcileTable(DynamoDbClient real) {
            return new ForwardingTable(real) {
                @Override
                public PutItemResponse putItem(PutItemRequest request) {
                    try {
                        return super.putItem(request);
                    } catch (RuntimeException ignored) {
                        return PutItemResponse.builder().build();
                    }
                }
            };
        }
    };

    /** Passes the operator's calls on. */
    private static class ForwardingSqs implements SqsClient {
        private final SqsClient real;

        ForwardingSqs(SqsClient real) {
            this.real = real;
        }

        @Override
        public GetQueueAttributesResponse getQueueAttributes(GetQueueAttributesRequest request) {
            return real.getQueueAttributes(request);
        }

        @Override
        public ReceiveMessageResponse receiveMessage(ReceiveMessageRequest request) {
            return real.receiveMessage(request);
        }

        @Override
        public SendMessageBatchResponse sendMessageBatch(SendMessageBatchRequest request) {
            return real.sendMessageBatch(request);
        }

        @Override
        public DeleteMessageBatchResponse deleteMessageBatch(DeleteMessageBatchRequest request) {
            return real.deleteMessageBatch(request);
        }

        @Override
        public ChangeMessageVisibilityBatchResponse changeMessageVisibilityBatch(
                ChangeMessageVisibilityBatchRequest request) {
            return real.changeMessageVisibilityBatch(request);
        }

        @Override
        public String serviceName() {
            return "sqs";
        }

        @Override
        public void close() {}
    }

    /** Passes the calls of the reconciling function on. */
    private static class ForwardingTable implements DynamoDbClient {
        private final DynamoDbClient real;

        ForwardingTable(DynamoDbClient real) {
            this.real = real;
        }

        @Override
        public BatchGetItemResponse batchGetItem(BatchGetItemRequest request) {
            return real.batchGetItem(request);
        }

        @Override
        public PutItemResponse putItem(PutItemRequest request) {
            return real.putItem(request);
        }

        @Override
        public String serviceName() {
            return "dynamodb";
        }

        @Override
        public void close() {}
    }

    private interface Failures {
        Set<String> of(SQSEvent event, Set<String> failed);
    }

    private interface Call {
        BatchWriteItemResponse of(BatchWriteItemRequest request);
    }

    private final Check noticedBy;

    Bug(Check noticedBy) {
        this.noticedBy = noticedBy;
    }

    /** The check that must notice it. Others may do so too. */
    Check noticedBy() {
        return noticedBy;
    }

    private static Function withBodies(Function real, UnaryOperator<String> change) {
        return (event, timeLeft) -> {
            for (SQSMessage message : event.getRecords()) {
                message.setBody(change.apply(message.getBody()));
            }
            return real.handle(event, timeLeft);
        };
    }

    private static Function withFailures(Function real, Failures change) {
        return (event, timeLeft) ->
                response(change.of(event, new HashSet<>(failed(real.handle(event, timeLeft)))).stream()
                        .toList());
    }

    private static Set<String> ids(SQSEvent event) {
        Set<String> ids = new HashSet<>();
        event.getRecords().forEach(message -> ids.add(message.getMessageId()));
        return ids;
    }

    private static List<String> failed(SQSBatchResponse response) {
        return response.getBatchItemFailures().stream()
                .map(BatchItemFailure::getItemIdentifier)
                .toList();
    }

    private static SQSBatchResponse response(List<String> failed) {
        return new SQSBatchResponse(failed.stream().map(BatchItemFailure::new).toList());
    }

    private static void sleep(SimulatedProcess process, long microseconds) {
        try {
            process.sleep(Duration.ofNanos(microseconds * 1_000));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static DynamoDbClient withItems(DynamoDbClient real, Consumer<Map<String, AttributeValue>> change) {
        return withCalls(real, requests -> {
            Map<RecordKey, WriteRequest> changed = new LinkedHashMap<>();
            for (WriteRequest request : requests) {
                Map<String, AttributeValue> item =
                        new HashMap<>(request.putRequest().item());
                change.accept(item);
                changed.put(
                        ImageMetadataTable.key(item),
                        WriteRequest.builder().putRequest(put -> put.item(item)).build());
            }
            return List.copyOf(changed.values());
        });
    }

    /** Sends other requests. What they leave unprocessed counts as written, which is another bug, so it is sent again. */
    private static DynamoDbClient withCalls(DynamoDbClient real, UnaryOperator<List<WriteRequest>> change) {
        return client(request -> {
            List<WriteRequest> requests = change.apply(request.requestItems().get(SimulatedTable.NAME));
            while (!requests.isEmpty()) {
                List<WriteRequest> sent = requests;
                requests = real.batchWriteItem(changed -> changed.requestItems(Map.of(SimulatedTable.NAME, sent)))
                        .unprocessedItems()
                        .getOrDefault(SimulatedTable.NAME, List.of());
            }
            return BatchWriteItemResponse.builder().build();
        });
    }

    private static DynamoDbClient client(Call call) {
        return new DynamoDbClient() {
            @Override
            public BatchWriteItemResponse batchWriteItem(BatchWriteItemRequest request) {
                return call.of(request);
            }

            @Override
            public String serviceName() {
                return "dynamodb";
            }

            @Override
            public void close() {}
        };
    }

    private static String text(Map<String, AttributeValue> item, String attribute) {
        return item.get(attribute).s();
    }

    private static void put(Map<String, AttributeValue> item, String attribute, String value) {
        item.put(attribute, AttributeValue.fromS(value));
    }
}
