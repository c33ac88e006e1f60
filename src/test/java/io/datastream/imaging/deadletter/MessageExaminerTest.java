package io.datastream.imaging.deadletter;

import static org.assertj.core.api.Assertions.assertThat;

import io.datastream.imaging.Fixtures;
import io.datastream.imaging.Fixtures.Fixture;
import io.datastream.imaging.metadata.ImageMetadataTable;
import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.PatientIdPattern;
import io.datastream.imaging.metadata.RecordKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;

class MessageExaminerTest {

    private static final MessageReader READER = new MessageReader(PatientIdPattern.compile(PatientIdPattern.DEFAULT));
    private static final String TABLE = "ImageMetadata";

    /** A table that leaves every second key unprocessed. */
    private static final class FakeTable implements DynamoDbClient {

        private final Set<RecordKey> records = new HashSet<>();
        private final List<Integer> callSizes = new ArrayList<>();

        @Override
        public BatchGetItemResponse batchGetItem(BatchGetItemRequest request) {
            List<Map<String, AttributeValue>> keys =
                    request.requestItems().get(TABLE).keys();
            callSizes.add(keys.size());
            int processed = (keys.size() + 1) / 2;
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
    void keysThatTheTableLeavesUnprocessedAreAskedForAgain() {
        List<DeadLetter> messages = IntStream.range(0, 250)
                .mapToObj(number -> message(Uploads.body("patient-%d.dcm".formatted(number))))
                .toList();
        messages.forEach(
                message -> READER.read(message.body()).uploads().forEach(upload -> table.records.add(upload.key())));

        List<ExaminedMessage> examined =
                new MessageExaminer(READER, Optional.empty(), Optional.of(lookup())).examine(messages);

        assertThat(examined).hasSize(250).allMatch(ExaminedMessage::isRecorded);
        assertThat(table.callSizes).allMatch(size -> size <= 100);
    }

    @Test
    void withoutATableNobodyKnowsWhatIsRecorded() {
        MessageExaminer examiner = new MessageExaminer(READER, Optional.empty(), Optional.empty());

        assertThat(examiner.examine(List.of(message(Uploads.body("patient-1.dcm")))))
                .singleElement()
                .extracting(examined -> examined.diagnosis().label())
                .isEqualTo("unchecked");
    }

    @Test
    void whatFailedUnderTheEarlierPatternIsCalledByBothNames() {
        MessageReader mended = new MessageReader(PatientIdPattern.compile("pat-(?<patientId>[0-9]+)\\.dcm"));
        MessageExaminer examiner = new MessageExaminer(mended, Optional.of(READER), Optional.of(lookup()));

        Diagnosis diagnosis = examiner.examine(List.of(message(Uploads.body("pat-1.dcm"))))
                .getFirst()
                .diagnosis();

        assertThat(diagnosis.isCalled("no-patient-id")).isTrue();
        assertThat(diagnosis.isCalled("not-recorded")).isTrue();
        assertThat(diagnosis.isCalled("recorded")).isFalse();
    }

    private Diagnosis diagnose(String body) {
        return new MessageExaminer(READER, Optional.empty(), Optional.of(lookup()))
                .examine(List.of(message(body)))
                .getFirst()
                .diagnosis();
    }

    private RecordLookup lookup() {
        return new RecordLookup(table, TABLE, new StopSignal());
    }

    static DeadLetter message(String body) {
        return message(body, Instant.EPOCH);
    }

    static DeadLetter message(String body, Instant sentAt) {
        return new DeadLetter("message", "receipt", body, sentAt, 1, Optional.empty(), Map.of());
    }
}
