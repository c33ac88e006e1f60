package io.datastream.imaging.deadletter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datastream.imaging.Fixtures;
import io.datastream.imaging.Fixtures.Fixture;
import io.datastream.imaging.metadata.ImageMetadataTable;
import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.PatientIdPattern;
import io.datastream.imaging.metadata.RecordKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;

class MessageExaminerTest {

    private static final MessageReader READER = new MessageReader(PatientIdPattern.compile(PatientIdPattern.DEFAULT));
    private static final String TABLE = "ImageMetadata";

    /** A table that leaves every second key unprocessed. */
    private static final class FakeTable implements DynamoDbClient {

        private final Set<RecordKey> records = new HashSet<>();
        private final List<Integer> callSizes = new ArrayList<>();
        private final Set<RecordKey> invalid = new HashSet<>();
        private boolean isThrottled;

        @Override
        public BatchGetItemResponse batchGetItem(BatchGetItemRequest request) {
            List<Map<String, AttributeValue>> keys =
                    request.requestItems().get(TABLE).keys();
            callSizes.add(keys.size());
            if (keys.stream().map(ImageMetadataTable::key).anyMatch(invalid::contains)) {
                throw DynamoDbException.builder()
                        .statusCode(400)
                        .awsErrorDetails(AwsErrorDetails.builder()
                                .errorCode("ValidationException")
                                .build())
                        .build();
            }
            int processed = isThrottled ? 0 : (keys.size() + 1) / 2;
            List<Map<String, AttributeValue>> found = keys.subList(0, processed).stream()
                    .filter(key -> records.contains(ImageMetadataTable.key(key)))
                    .toList();
            List<Map<String, AttributeValue>> rest = keys.subList(processed, keys.size());
            return BatchGetItemResponse.builder()
                    .responses(Map.of(TABLE, found))
                    .unprocessedKeys(
                            rest.isEmpty()
                                    ? Map.of()
                                    : Map.of(
                                            TABLE,
                                            KeysAndAttributes.builder()
                                                    .keys(rest)
                                                    .build()))
                    .build();
        }

        @Override
        public String serviceName() {
            return "dynamodb";
        }

        @Override
        public void close() {}
    }

    private final FakeTable table = new FakeTable();
    private final FakeTime time = new FakeTime();
    private final Retries retries = new Retries(time, time, new Random(1));

    static Stream<Fixture> rejectedFixtures() {
        return Fixtures.in("rejected").stream();
    }

    @ParameterizedTest
    @MethodSource("rejectedFixtures")
    void aRejectedMessageIsCalledByTheFunctionsReason(Fixture fixture) {
        assertThat(diagnose(fixture.body()).label())
                .isEqualTo(fixture.path().getParent().getFileName().toString());
    }

    @Test
    void anUploadIsRecordedIfTheTableHasThisVeryUpload() {
        String recorded = Uploads.body("patient-1.dcm");
        READER.read(recorded).uploads().forEach(upload -> table.records.add(upload.key()));

        assertThat(diagnose(recorded).label()).isEqualTo("recorded");
        assertThat(diagnose(Uploads.body("patient-2.dcm")).label()).isEqualTo("not-recorded");
        assertThat(diagnose(recorded.replace("3HL4", "9XX9")).label()).isEqualTo("not-recorded");
    }

    @Test
    void aMessageOfIgnoredEventsHasNothingToRecord() {
        assertThat(diagnose(Fixtures.body("ignored/s3-test-event.json")).label())
                .isEqualTo("nothing-to-record");
    }

    @Test
    void keysThatTheTableLeavesUnprocessedAreLookedUpAgain() {
        List<DeadLetter> messages = IntStream.range(0, 250)
                .mapToObj(number -> message(Uploads.body("patient-%d.dcm".formatted(number))))
                .toList();
        messages.forEach(
                message -> READER.read(message.body()).uploads().forEach(upload -> table.records.add(upload.key())));

        List<MessageExaminer.Examined> examined = examiner().examine(messages);

        assertThat(examined).hasSize(250).allMatch(one -> one.diagnosis() == Diagnosis.Accepted.RECORDED);
        assertThat(table.callSizes).allMatch(size -> size <= 100).contains(100);
    }

    @Test
    void aThrottledTableEndsTheLookupAfterItsPatience() {
        table.isThrottled = true;
        DeadLetter message = message(Uploads.body("patient-1.dcm"));

        assertThatThrownBy(() -> examiner().examine(List.of(message)))
                .isInstanceOf(DynamoDbException.class)
                .satisfies(failure -> assertThat(Retries.code((DynamoDbException) failure))
                        .isEqualTo("ProvisionedThroughputExceededException"));
        assertThat(Duration.between(FakeTime.START, time.instant()))
                .isBetween(Retries.PATIENCE, Retries.PATIENCE.plusSeconds(5));
    }

    @Test
    void oneKeyThatDynamoDbRefusesDoesNotStopTheLookupOfTheOthers() {
        List<DeadLetter> messages = IntStream.range(0, 10)
                .mapToObj(number -> message(Uploads.body("patient-%d.dcm".formatted(number))))
                .toList();
        messages.forEach(
                message -> READER.read(message.body()).uploads().forEach(upload -> table.records.add(upload.key())));
        READER.read(messages.get(3).body()).uploads().forEach(upload -> table.invalid.add(upload.key()));

        List<String> labels = examiner().examine(messages).stream()
                .map(one -> one.diagnosis().label())
                .toList();

        assertThat(labels).hasSize(10);
        assertThat(labels.get(3)).isEqualTo("lookup-refused");
        assertThat(labels).filteredOn("recorded"::equals).hasSize(9);
    }

    @Test
    void anotherErrorOfDynamoDbEndsTheLookup() {
        DynamoDbClient refusing = new DynamoDbClient() {
            @Override
            public BatchGetItemResponse batchGetItem(BatchGetItemRequest request) {
                throw DynamoDbException.builder()
                        .statusCode(400)
                        .awsErrorDetails(AwsErrorDetails.builder()
                                .errorCode("AccessDeniedException")
                                .build())
                        .build();
            }

            @Override
            public String serviceName() {
                return "dynamodb";
            }

            @Override
            public void close() {}
        };
        MessageExaminer examiner =
                new MessageExaminer(READER, Optional.of(new MessageExaminer.Table(refusing, TABLE, retries)));

        assertThatThrownBy(() -> examiner.examine(List.of(message(Uploads.body("patient-1.dcm")))))
                .isInstanceOf(DynamoDbException.class);
    }

    @Test
    void withoutATableRecordedIsNotToldFromNotRecorded() {
        MessageExaminer examiner = new MessageExaminer(READER, Optional.empty());

        assertThat(examiner.examine(List.of(message(Uploads.body("patient-1.dcm")))))
                .singleElement()
                .extracting(examined -> examined.diagnosis().label())
                .isEqualTo("not-looked-up");
    }

    private Diagnosis diagnose(String body) {
        return examiner().examine(List.of(message(body))).getFirst().diagnosis();
    }

    private MessageExaminer examiner() {
        return new MessageExaminer(READER, Optional.of(new MessageExaminer.Table(table, TABLE, retries)));
    }

    static DeadLetter message(String body) {
        return message(body, Instant.EPOCH);
    }

    static DeadLetter message(String body, Instant sentAt) {
        return new DeadLetter("message", "receipt", body, sentAt, 1, Optional.empty(), Map.of());
    }
}
