package io.datastream.imaging.deadletter;

import io.datastream.imaging.metadata.ImageMetadata;
import io.datastream.imaging.metadata.ImageMetadataTable;
import io.datastream.imaging.metadata.MessageContent;
import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.RecordKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;

/** Examines messages with the function's own reader, and looks up in the table what the function would accept. */
public final class MessageExaminer {

    /** A message and its diagnosis. */
    public record Examined(DeadLetter message, Diagnosis diagnosis) {}

    /**
     * Where records are looked up.
     *
     * @param client a client without retries of its own
     */
    public record Table(DynamoDbClient client, String name, Retries retries) {}

    /** The limit of BatchGetItem. */
    private static final int KEYS_IN_A_CALL = 100;

    private final MessageReader reader;
    private final Optional<Table> table;

    /**
     * Makes an examiner.
     *
     * @param reader with the patient ID pattern that the function has now
     * @param table if it is empty, {@code recorded} and {@code not-recorded} are not distinguished
     */
    public MessageExaminer(MessageReader reader, Optional<Table> table) {
        this.reader = reader;
        this.table = table;
    }

    /** Examines messages, in their order. Their keys are looked up together. */
    List<Examined> examine(List<DeadLetter> messages) {
        List<MessageContent> contents =
                messages.stream().map(message -> reader.read(message.body())).toList();
        Set<RecordKey> keys = new HashSet<>();
        for (MessageContent content : contents) {
            if (content.rejections().isEmpty()) {
                content.uploads().forEach(upload -> keys.add(upload.key()));
            }
        }
        Set<RecordKey> recorded = new HashSet<>();
        Set<RecordKey> refused = new HashSet<>();
        table.ifPresent(lookup -> lookUp(lookup, List.copyOf(keys), recorded, refused));
        List<Examined> examined = new ArrayList<>(messages.size());
        for (int i = 0; i < messages.size(); i++) {
            examined.add(new Examined(messages.get(i), diagnosis(contents.get(i), recorded, refused)));
        }
        return examined;
    }

    private Diagnosis diagnosis(MessageContent content, Set<RecordKey> recorded, Set<RecordKey> refused) {
        if (!content.rejections().isEmpty()) {
            return new Diagnosis.Rejected(content.rejections().getFirst());
        }
        List<RecordKey> keys =
                content.uploads().stream().map(ImageMetadata::key).toList();
        if (keys.isEmpty()) {
            return Diagnosis.Accepted.NOTHING_TO_RECORD;
        }
        if (table.isEmpty()) {
            return Diagnosis.Accepted.NOT_LOOKED_UP;
        }
        if (keys.stream().anyMatch(refused::contains)) {
            return Diagnosis.Accepted.LOOKUP_REFUSED;
        }
        return recorded.containsAll(keys) ? Diagnosis.Accepted.RECORDED : Diagnosis.Accepted.NOT_RECORDED;
    }

    /** Strongly consistent. If DynamoDB refuses a call for one of its keys, the keys are looked up in two halves. */
    private static void lookUp(Table table, List<RecordKey> keys, Set<RecordKey> recorded, Set<RecordKey> refused) {
        if (keys.isEmpty()) {
            return;
        }
        if (keys.size() > KEYS_IN_A_CALL) {
            lookUp(table, keys.subList(0, KEYS_IN_A_CALL), recorded, refused);
            lookUp(table, keys.subList(KEYS_IN_A_CALL, keys.size()), recorded, refused);
            return;
        }
        try {
            lookUpAtOnce(table, keys, recorded);
        } catch (DynamoDbException e) {
            if (!Retries.code(e).equals("ValidationException")) {
                throw e;
            }
            if (keys.size() == 1) {
                refused.addAll(keys);
            } else {
                lookUp(table, keys.subList(0, keys.size() / 2), recorded, refused);
                lookUp(table, keys.subList(keys.size() / 2, keys.size()), recorded, refused);
            }
        }
    }

    private static void lookUpAtOnce(Table table, List<RecordKey> keys, Set<RecordKey> recorded) {
        List<Map<String, AttributeValue>> waiting =
                keys.stream().map(ImageMetadataTable::keyAttributes).toList();
        Retries.Attempts attempts = table.retries().new Attempts();
        while (true) {
            Map<String, KeysAndAttributes> requested = Map.of(table.name(), onlyKeys(waiting));
            BatchGetItemResponse response =
                    table.retries().call(() -> table.client().batchGetItem(request -> request.requestItems(requested)));
            response.responses()
                    .getOrDefault(table.name(), List.of())
                    .forEach(item -> recorded.add(ImageMetadataTable.key(item)));
            KeysAndAttributes unprocessed = response.unprocessedKeys().get(table.name());
            if (unprocessed == null || unprocessed.keys().isEmpty()) {
                return;
            }
            waiting = unprocessed.keys();
            if (!attempts.another()) {
                throw DynamoDbException.builder()
                        .statusCode(400)
                        .message("the table throttles the lookup")
                        .awsErrorDetails(AwsErrorDetails.builder()
                                .errorCode("ProvisionedThroughputExceededException")
                                .build())
                        .build();
            }
        }
    }

    private static KeysAndAttributes onlyKeys(List<Map<String, AttributeValue>> keys) {
        return KeysAndAttributes.builder()
                .keys(keys)
                .consistentRead(true)
                .projectionExpression(ImageMetadataTable.FILE_KEY + ", " + ImageMetadataTable.UPLOAD_ID)
                .build();
    }
}
