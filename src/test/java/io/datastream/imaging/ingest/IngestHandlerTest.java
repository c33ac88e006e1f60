package io.datastream.imaging.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.datastream.imaging.Fixtures;
import io.datastream.imaging.metadata.ImageMetadataTable;
import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.PatientIdPattern;
import io.datastream.imaging.metadata.RecordKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;

@Isolated("one test replaces standard output and standard error")
class IngestHandlerTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final FakeDynamoDb table = new FakeDynamoDb();
    private final FakeTime time = new FakeTime();
    private final FakeContext context = new FakeContext();
    private final IngestHandler handler = handler(Runnable::run);

    @Test
    void anEmptyBatchSucceeds() {
        assertThat(failures(handler.handleRequest(new SQSEvent(), context))).isEmpty();
        assertThat(table.callSizes).isEmpty();
    }

    @Test
    void aMissingEventSucceeds() {
        assertThat(failures(handler.handleRequest(null, context))).isEmpty();
    }

    /** One float in the attributes of one message once failed the whole batch. */
    @ParameterizedTest
    @ValueSource(
            strings = {"1.49138142195e+12", "1763890200500.0", "", "abc", " 1763890200500", "99999999999999999999"})
    void anUnreadableSentTimestampIsAbsent(String sentTimestamp) {
        SQSMessage odd = message("odd", upload("patient-1.dcm", "v1", 1));
        odd.setAttributes(Map.of("SentTimestamp", sentTimestamp));
        SQSMessage bare = message("bare", upload("patient-2.dcm", "v1", 1));
        bare.setAttributes(null);

        assertThat(failures(handle(List.of(odd, bare, message("good", upload("patient-3.dcm", "v1", 1))))))
                .isEmpty();
        assertThat(table.items).hasSize(3);
        assertThat(values("UploadToRecordMilliseconds").getFirst()).hasSize(3);
    }

    @Test
    void aMissingMessageDoesNotFailTheOthers() {
        assertThat(failures(handle(Arrays.asList(null, message("good", upload("patient-1.dcm", "v1", 1))))))
                .isEmpty();
        assertThat(table.items).hasSize(1);
    }

    @Test
    void waitsForAnswersUntilHalfASecondBeforeTheDeadlineOfTheInvocation() {
        IngestHandler hanging = handler(task -> {});
        context.remainingMilliseconds = 7_000;

        SQSBatchResponse response =
                hanging.handleRequest(event(List.of(message("m", upload("patient-1.dcm", "v1", 1)))), context);

        assertThat(failures(response)).containsExactly("m");
        assertThat(time.instant())
                .isBetween(FakeTime.START.plusMillis(6_500 - 2_000), FakeTime.START.plusMillis(6_500));
        assertThat(metric("RecordsUnwritten")).isEqualTo(1);
    }

    /** A large batch on a slow start: reading alone took until after the deadline. */
    @Test
    void messagesThatNoTimeIsLeftToReadFailUnread() {
        context.remainingMilliseconds = 500;

        SQSBatchResponse response =
                handler.handleRequest(event(List.of(message("m", upload("patient-1.dcm", "v1", 1)))), context);

        assertThat(failures(response)).containsExactly("m");
        assertThat(table.callSizes).isEmpty();
        assertThat(context.lines.getFirst())
                .isEqualTo(
                        """
                        {"level":"ERROR","event":"messages-unread","messages":1,"messageIds":["m"]}
                        """);
        assertThat(metric("RecordsUnwritten")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " "})
    void doesNotStartWithoutATable(String tableName) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new IngestHandler(Map.of("TABLE_NAME", tableName), table))
                .withMessageContaining("TABLE_NAME");
        assertThatIllegalArgumentException().isThrownBy(() -> new IngestHandler(Map.of(), table));
    }

    @Test
    void doesNotStartWithAPatternThatDoesNotCompile() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new IngestHandler(Map.of("TABLE_NAME", "t", "PATIENT_ID_PATTERN", "("), table))
                .withMessageContaining("PATIENT_ID_PATTERN");
    }

    /** The SDK's retries would send again without the deadline and without counting. */
    @Test
    void theSdkDoesNotRetry() throws IOException {
        AtomicInteger requests = new AtomicInteger();
        HttpServer unavailable = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        unavailable.createContext("/", exchange -> {
            requests.incrementAndGet();
            exchange.sendResponseHeaders(503, -1);
            exchange.close();
        });
        unavailable.start();
        try (DynamoDbClient client = IngestHandler.clientBuilder(UrlConnectionHttpClient.create())
                .endpointOverride(URI.create(
                        "http://127.0.0.1:" + unavailable.getAddress().getPort()))
                .region(Region.US_EAST_1)
                .credentialsProvider(AnonymousCredentialsProvider.create())
                .build()) {
            assertThatExceptionOfType(DynamoDbException.class).isThrownBy(client::listTables);
        } finally {
            unavailable.stop(0);
        }

        assertThat(requests).hasValue(1);
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

        assertThat(context.lines)
                .startsWith(
                        """
                        {"level":"WARN","event":"message-rejected","messageId":"m-1","reason":"not-json"}
                        """,
                        """
                        {"level":"WARN","event":"message-rejected","messageId":"m-2","reason":"no-patient-id"}
                        """);
        assertThat(metric("MessagesRejected")).isEqualTo(2);
    }

    @Test
    void namesTheCauseAndTheMessagesOfUnwrittenRecords() {
        table.always(FakeDynamoDb.failing(400, "AccessDeniedException"));

        handle(List.of(message("m-1", upload("patient-1.dcm", "v", 1))));

        assertThat(context.lines)
                .startsWith(
                        """
                        {"level":"ERROR","event":"records-unwritten","cause":"AccessDeniedException","records":1,"messages":1,"messageIds":["m-1"]}
                        """);
        assertThat(metric("RecordsUnwritten")).isEqualTo(1);
    }

    @Test
    void namesAtMost100OfTheUnwrittenMessages() {
        table.always(FakeDynamoDb.failing(400, "AccessDeniedException"));
        List<SQSMessage> messages = new ArrayList<>();
        for (int i = 0; i < 230; i++) {
            messages.add(message("m" + i, upload("patient-" + i + ".dcm", "v", 1)));
        }

        assertThat(failures(handle(messages))).hasSize(230);
        JsonNode line = json(context.lines.getFirst());
        assertThat(line.get("messages").asInt()).isEqualTo(230);
        assertThat(line.get("messageIds")).hasSize(100);
    }

    @Test
    void measuresUploadToRecordReplaysApartAndAtMost100ValuesALine() {
        List<SQSMessage> messages = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            messages.add(message("m" + i, upload("patient-" + i + ".dcm", "v", 1)));
        }
        SQSMessage replay = message("replay", upload("patient-999.dcm", "v", 1));
        replay.setAttributes(Map.of(
                "SentTimestamp",
                Long.toString(FakeTime.START.plus(Duration.ofDays(7)).toEpochMilli())));
        messages.add(replay);

        handle(messages);

        assertThat(values("UploadToRecordMilliseconds")).extracting(List::size).containsExactly(100, 100);
        assertThat(values("UploadToRecordMilliseconds").getFirst()).containsOnly(1_000L);
        assertThat(values("ReplayedUploadToRecordMilliseconds")).hasSize(1);
        assertThat(context.lines)
                .allSatisfy(line -> assertThat(json(line).isObject()).isTrue());
    }

    /** Health data in every place of a message, of a table's answer and of an exception; written, rejected, failing. */
    @ParameterizedTest
    @MethodSource("answers")
    void nothingOutOfAnEventReachesTheLogNorStandardError(FakeDynamoDb.Answer answer) {
        List<SQSMessage> messages = new ArrayList<>();
        for (Fixtures.Fixture fixture : Fixtures.in("")) {
            messages.add(message("m" + messages.size(), fixture.body()));
        }
        messages.add(message("marked", upload("ward/patient-0042_MARK.dcm", "MARK-version", 1)));
        messages.add(message("marked-too", upload("ward/MARK.dcm", "MARK-version", 1)));
        table.always(answer);
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream out = System.out;
        PrintStream err = System.err;
        System.setOut(new PrintStream(printed, true, UTF_8));
        System.setErr(new PrintStream(printed, true, UTF_8));
        try {
            handle(messages);
        } finally {
            System.setOut(out);
            System.setErr(err);
        }

        assertThat(printed.toString(UTF_8)).isEmpty();
        assertThat(String.join("", context.lines))
                .isNotEmpty()
                .doesNotContain("MARK", "0042", "Größe", "Gr%C3", "ward", "scan.dcm", "radiology", "3HL4", "0055AED6");
    }

    static Stream<FakeDynamoDb.Answer> answers() {
        String quote = "the key ward/patient-0042_MARK.dcm is wrong";
        return Stream.of(
                requests -> List.of(),
                requests -> requests,
                FakeDynamoDb.failing(500, "InternalServerError"),
                FakeDynamoDb.failing(SdkClientException.create(quote)),
                FakeDynamoDb.failing(new IllegalStateException(quote)),
                FakeDynamoDb.failing(DynamoDbException.builder()
                        .statusCode(400)
                        .message(quote)
                        .awsErrorDetails(AwsErrorDetails.builder()
                                .errorCode("ValidationException")
                                .errorMessage(quote)
                                .build())
                        .build()));
    }

    private IngestHandler handler(Executor executor) {
        return new IngestHandler(
                new MessageReader(PatientIdPattern.compile(PatientIdPattern.DEFAULT)),
                new BatchWriter(
                        table,
                        FakeDynamoDb.TABLE,
                        executor,
                        new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2), new Random(1)),
                        time,
                        time),
                time);
    }

    private SQSBatchResponse handle(List<SQSMessage> messages) {
        return handler.handleRequest(event(messages), context);
    }

    private static SQSEvent event(List<SQSMessage> messages) {
        SQSEvent event = new SQSEvent();
        event.setRecords(messages);
        return event;
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
