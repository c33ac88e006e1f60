package io.datastream.imaging.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.datastream.imaging.Fixtures;
import io.datastream.imaging.metadata.ImageMetadataTable;
import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.PatientIdPattern;
import io.datastream.imaging.metadata.RecordKey;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class IngestHandlerTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final FakeDynamoDb table = new FakeDynamoDb();
    private final FakeTime time = new FakeTime();
    private final FakeContext context = new FakeContext();
    private final IngestHandler handler = new IngestHandler(
            new MessageReader(PatientIdPattern.compile(PatientIdPattern.DEFAULT)),
            new BatchWriter(
                    table,
                    FakeDynamoDb.TABLE,
                    Runnable::run,
                    new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2), new Random(1)),
                    time,
                    time),
            time);

    @Test
    void anEmptyBatchSucceeds() {
        assertThat(failures(handler.handleRequest(new SQSEvent(), context))).isEmpty();
        assertThat(table.callSizes).isEmpty();
    }

    @Test
    void oneBadMessageFailsAloneAndAllOthersAreRecorded() {
        List<SQSMessage> messages = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            messages.add(message("good-" + i, upload("patient-" + i + ".dcm", "v1", 1)));
        }
        messages.add(20, message("bad", upload("scan.dcm", "v1", 1)));

        assertThat(failures(handle(messages))).containsExactly("bad");
        assertThat(table.items).hasSize(50);
    }

    @Test
    void ignoredEventsAreAcknowledged() {
        List<SQSMessage> messages = Fixtures.in("ignored").stream()
                .map(fixture -> message(fixture.path().toString(), fixture.body()))
                .toList();

        assertThat(failures(handle(messages))).isEmpty();
        assertThat(table.items).isEmpty();
        assertThat(metric("EventsIgnored")).isEqualTo(messages.size());
    }

    @Test
    void aDuplicateIsWrittenOnceAndAcknowledgedForEveryMessageThatCarriedIt() {
        String body = upload("patient-1.dcm", "v1", 1);

        assertThat(failures(handle(List.of(message("a", body), message("b", body)))))
                .isEmpty();
        assertThat(table.callSizes).containsExactly(1);
    }

    @Test
    void aDuplicateThatIsNotWrittenFailsEveryMessageThatCarriedIt() {
        table.always(FakeDynamoDb.failing(400, "AccessDeniedException"));
        String body = upload("patient-1.dcm", "v1", 1);

        assertThat(failures(handle(List.of(message("a", body), message("b", body)))))
                .containsExactly("a", "b");
    }

    @Test
    void ofTwoContentsOfOneUploadTheLastWins() {
        handle(List.of(message("a", upload("patient-1.dcm", "v1", 1)), message("b", upload("patient-1.dcm", "v1", 2))));

        assertThat(table.items
                        .get(new RecordKey("patient-1.dcm", "v1"))
                        .get(ImageMetadataTable.FILE_SIZE)
                        .n())
                .isEqualTo("2");
    }

    @Test
    void theGoodRecordsOfABadMessageAreWrittenAndTheMessageFails() {
        String body = "{\"Records\":[" + record("patient-1.dcm", "v1", 1) + "," + record("scan.dcm", "v1", 1) + "]}";

        assertThat(failures(handle(List.of(message("mixed", body))))).containsExactly("mixed");
        assertThat(table.items).hasSize(1);
    }

    /** The final table does not depend on order, duplicates, splits into batches or repetitions. */
    @RepeatedTest(50)
    void deliveriesInAnyOrderAnyNumberOfTimesEndInTheSameTable(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            bodies.add(upload("patient-" + i % 7 + ".dcm", "v" + i, i));
        }
        handle(messages(bodies));
        Map<RecordKey, Object> expected = new HashMap<>(table.items);

        table.items.clear();
        List<String> deliveries = new ArrayList<>(bodies);
        for (int i = 0; i < 60; i++) {
            deliveries.add(bodies.get(random.nextInt(bodies.size())));
        }
        Collections.shuffle(deliveries, random);
        while (!deliveries.isEmpty()) {
            List<String> some = deliveries.subList(0, Math.min(deliveries.size(), 1 + random.nextInt(30)));
            handle(messages(some));
            some.clear();
        }

        assertThat(table.items).isEqualTo(expected);
    }

    /** A message fails if and only if it was rejected or one of its own records is not in the table. */
    @RepeatedTest(100)
    void blamesExactlyTheMessagesWhoseRecordsAreNotInTheTable(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        table.always(requests -> {
            if (random.nextInt(4) == 0) {
                throw FakeDynamoDb.error(400, random.nextBoolean() ? "ValidationException" : "AccessDeniedException");
            }
            return requests.subList(0, random.nextInt(requests.size() + 1));
        });
        Map<String, Set<RecordKey>> keys = new HashMap<>();
        List<SQSMessage> messages = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            Set<RecordKey> own = new HashSet<>();
            StringBuilder records = new StringBuilder();
            for (int r = 0; r <= random.nextInt(3); r++) {
                String key = "patient-" + random.nextInt(60) + ".dcm";
                own.add(new RecordKey(key, "v1"));
                records.append(r == 0 ? "" : ",").append(record(key, "v1", 1));
            }
            keys.put("m" + i, own);
            messages.add(message("m" + i, "{\"Records\":[" + records + "]}"));
        }

        Set<String> failures = Set.copyOf(failures(handle(messages)));

        keys.forEach((messageId, own) -> assertThat(failures.contains(messageId))
                .isEqualTo(!table.items.keySet().containsAll(own)));
    }

    @Test
    void logsOneLineForARejectedMessageWithIdAndReason() {
        handle(List.of(message("m-1", "no json"), message("m-2", upload("scan.dcm", "v", 1))));

        assertThat(context.lines.stream()
                        .filter(line -> line.contains("message-rejected"))
                        .map(IngestHandlerTest::json))
                .extracting(line -> line.get("messageId").asText() + " "
                        + line.get("reason").asText())
                .containsExactly("m-1 not-json", "m-2 no-patient-id");
        assertThat(metric("MessagesRejected")).isEqualTo(2);
    }

    @Test
    void namesTheCauseAndTheMessagesOfUnwrittenRecords() {
        table.always(FakeDynamoDb.failing(400, "AccessDeniedException"));

        handle(List.of(message("m-1", upload("patient-1.dcm", "v", 1))));

        JsonNode line = json(context.lines.stream()
                .filter(candidate -> candidate.contains("records-unwritten"))
                .findFirst()
                .orElseThrow());
        assertThat(line.get("cause").asText()).isEqualTo("AccessDeniedException");
        assertThat(line.get("messageIds").get(0).asText()).isEqualTo("m-1");
        assertThat(metric("RecordsUnwritten")).isEqualTo(1);
    }

    @Test
    void measuresUploadToRecordReplaysApartAndAtMost100ValuesALine() {
        List<SQSMessage> messages = new ArrayList<>();
        for (int i = 0; i < 230; i++) {
            messages.add(message("m" + i, upload("patient-" + i + ".dcm", "v", 1)));
        }
        SQSMessage replay = message("replay", upload("patient-999.dcm", "v", 1));
        replay.setAttributes(Map.of(
                "SentTimestamp",
                Long.toString(FakeTime.START.plus(Duration.ofDays(7)).toEpochMilli())));
        messages.add(replay);

        handle(messages);

        assertThat(values("UploadToRecordMilliseconds")).extracting(List::size).containsExactly(100, 100, 30);
        assertThat(values("UploadToRecordMilliseconds").getFirst()).containsOnly(1_000L);
        assertThat(values("ReplayedUploadToRecordMilliseconds")).hasSize(1);
        assertThat(context.lines)
                .allSatisfy(line -> assertThat(json(line).isObject()).isTrue());
    }

    @Test
    void nothingOutOfAnEventReachesTheLog() {
        List<SQSMessage> messages = new ArrayList<>();
        for (Fixtures.Fixture fixture : Fixtures.in("")) {
            messages.add(message("m" + messages.size(), fixture.body()));
        }
        table.always(FakeDynamoDb.failing(500, "InternalServerError"));

        handle(messages);

        assertThat(String.join("", context.lines))
                .isNotEmpty()
                .doesNotContain("0042", "Größe", "Gr%C3", "ward", "scan.dcm", "radiology", "3HL4", "0055AED6");
    }

    private SQSBatchResponse handle(List<SQSMessage> messages) {
        SQSEvent event = new SQSEvent();
        event.setRecords(messages);
        return handler.handleRequest(event, context);
    }

    private static List<String> failures(SQSBatchResponse response) {
        return response.getBatchItemFailures().stream()
                .map(SQSBatchResponse.BatchItemFailure::getItemIdentifier)
                .toList();
    }

    private long metric(String name) {
        return values(name).getFirst().getFirst();
    }

    private List<List<Long>> values(String metric) {
        List<List<Long>> values = new ArrayList<>();
        for (String line : context.lines) {
            if (json(line).has(metric)) {
                List<Long> some = new ArrayList<>();
                json(line).get(metric).forEach(value -> some.add(value.asLong()));
                values.add(some);
            }
        }
        return values;
    }

    private static JsonNode json(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<SQSMessage> messages(List<String> bodies) {
        List<SQSMessage> messages = new ArrayList<>();
        for (String body : bodies) {
            messages.add(message("m" + messages.size(), body));
        }
        return messages;
    }

    private static SQSMessage message(String id, String body) {
        SQSMessage message = new SQSMessage();
        message.setMessageId(id);
        message.setBody(body);
        message.setAttributes(Map.of(
                "SentTimestamp",
                Long.toString(Instant.parse("2026-11-23T09:30:00.500Z").toEpochMilli())));
        return message;
    }

    static String upload(String key, String versionId, long size) {
        return "{\"Records\":[" + record(key, versionId, size) + "]}";
    }

    private static String record(String key, String versionId, long size) {
        return """
                {"eventVersion":"2.1","eventName":"ObjectCreated:Put","eventTime":"2026-11-23T09:30:00Z",\
                "s3":{"bucket":{"name":"radiology-uploads-prod"},"object":{"key":"%s","size":%d,"versionId":"%s"}}}"""
                .formatted(key, size, versionId);
    }
}
