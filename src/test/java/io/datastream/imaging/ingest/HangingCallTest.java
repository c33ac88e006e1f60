package io.datastream.imaging.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse.BatchItemFailure;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * The function with its real client, clock and threads, while DynamoDB hangs. The first design depended on the SDK's
 * time-outs, which do not reach every phase of a call, and answered after the deadline.
 */
@Isolated("it measures real time")
class HangingCallTest {

    /** For an invocation that hangs to its end: short, so that the test is short. */
    private static final Duration LITTLE_TIME = IngestHandler.SAFETY_MARGIN.plusMillis(300);

    /** For an invocation that ends when it has written. */
    private static final Duration MUCH_TIME = Duration.ofSeconds(20);

    private final List<String> log = new ArrayList<>();

    @ParameterizedTest
    @EnumSource
    void answersBeforeTheDeadlineInWhateverPhaseACallHangs(HangingServer.Phase phase) throws IOException {
        try (HangingServer server = new HangingServer(phase);
                DynamoDbClient client = client(server)) {
            Instant deadline = Instant.now().plus(LITTLE_TIME);

            List<String> failures = invoke(handler(client), 60, LITTLE_TIME);

            assertThat(Instant.now()).isBefore(deadline);
            assertThat(failures).hasSize(60);
            assertThat(log).anySatisfy(line -> assertThat(line).contains("records-unwritten", "\"deadline\""));
            assertThat(log).anySatisfy(line -> assertThat(line).contains("\"RecordsUnwritten\":[60]"));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = HangingServer.Phase.class,
            names = {"CONNECT", "RESPONSE", "RESPONSE_HEAD", "RESPONSE_BODY"})
    void theFirstInvocationAfterAnOutageWrites(HangingServer.Phase phase) throws IOException {
        try (HangingServer server = new HangingServer(phase);
                DynamoDbClient client = client(server)) {
            IngestHandler handler = handler(client);
            assertThat(invoke(handler, 60, LITTLE_TIME)).hasSize(60);

            server.recover();

            assertThat(invoke(handler, 60, MUCH_TIME)).isEmpty();
        }
    }

    /** An abandoned call that stayed would keep its thread and its connection, in each invocation of an outage. */
    @Test
    void abandonedCallsCloseTheirConnections() throws IOException {
        try (HangingServer server = new HangingServer(HangingServer.Phase.RESPONSE);
                DynamoDbClient client = client(server)) {
            invoke(handler(client), 60, LITTLE_TIME);

            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(server.openConnections()).isZero());
        }
    }

    @Test
    void theAnswersThatCameBeforeTheDeadlineCount() throws IOException {
        try (HangingServer server = new HangingServer(HangingServer.Phase.RESPONSE);
                DynamoDbClient hanging = client(server)) {
            FakeDynamoDb table = new FakeDynamoDb();
            // The third call of the round hangs. The other three are answered.
            table.next(
                    FakeDynamoDb.leaving(0),
                    FakeDynamoDb.leaving(0),
                    FakeDynamoDb.calling(hanging),
                    FakeDynamoDb.leaving(0));

            assertThat(invoke(handler(table), 100, LITTLE_TIME.plusSeconds(1))).hasSize(25);
        }
    }

    private List<String> invoke(IngestHandler handler, int records, Duration timeLeft) {
        SQSEvent event = new SQSEvent();
        event.setRecords(IntStream.range(0, records)
                .mapToObj(number -> {
                    SQSMessage message = new SQSMessage();
                    message.setMessageId("m-" + number);
                    message.setBody(IngestHandlerTest.upload("patient-" + number + ".dcm", "v1", 1));
                    return message;
                })
                .toList());
        return handler.handle(event, timeLeft, "ingest", log::add).getBatchItemFailures().stream()
                .map(BatchItemFailure::getItemIdentifier)
                .toList();
    }

    private static IngestHandler handler(DynamoDbClient client) {
        return new IngestHandler(Map.of("TABLE_NAME", FakeDynamoDb.TABLE), client);
    }

    private static DynamoDbClient client(HangingServer server) {
        return IngestHandler.clientBuilder(UrlConnectionHttpClient.create())
                .endpointOverride(server.endpoint())
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("a", "b")))
                .build();
    }
}
