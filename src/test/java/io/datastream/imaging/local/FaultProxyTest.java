package io.datastream.imaging.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;
import software.amazon.awssdk.services.dynamodb.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.SqsException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class FaultProxyTest {
    private final List<JsonNode> received = new CopyOnWriteArrayList<>();
    private HttpServer backend;
    private FaultProxy proxy;
    private DynamoDbClient dynamoDb;

    @BeforeEach
    void start() throws IOException {
        backend = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        backend.createContext("/", exchange -> {
            try (exchange) {
                received.add(
                        JsonMapper.shared().readTree(exchange.getRequestBody().readAllBytes()));
                byte[] answer = "{\"UnprocessedItems\":{}}".getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, answer.length);
                exchange.getResponseBody().write(answer);
            }
        });
        backend.start();
        proxy = proxy(ServiceProtocol.DYNAMODB, 0);
        dynamoDb = LocalClients.dynamoDb(proxy.endpoint());
    }

    @AfterEach
    void stop() {
        dynamoDb.close();
        proxy.close();
        backend.stop(0);
    }

    @Test
    void withoutFaultsCallsPassAndAreCounted() {
        assertThat(write(3).hasUnprocessedItems()).isTrue();
        dynamoDb.getItem(request -> request.tableName("T").key(key(1)));

        assertThat(received).hasSize(2);
        assertThat(proxy.calls("BatchWriteItem")).isEqualTo(1);
        assertThat(proxy.calls("GetItem")).isEqualTo(1);
        assertThat(proxy.calls("PutItem")).isZero();
    }

    @Test
    void aRefusedCallNeverReachesTheService() {
        proxy.inject(Fault.REFUSED, 1);

        assertThatThrownBy(() -> write(1)).isInstanceOf(SdkClientException.class);

        assertThat(received).isEmpty();
        assertThat(proxy.injected(Fault.REFUSED)).isPositive();
    }

    @Test
    void aThrottledCallIsAnsweredAsDynamoDbDoes() {
        proxy.inject(Fault.THROTTLED, 1);

        for (int i = 0; i < 20; i++) {
            assertThatThrownBy(() -> write(1)).isInstanceOfSatisfying(DynamoDbException.class, e -> assertThat(
                            e.awsErrorDetails().errorCode())
                    .isIn("ProvisionedThroughputExceededException", "ThrottlingException"));
        }

        assertThat(received).isEmpty();
        assertThat(proxy.injected(Fault.THROTTLED)).isEqualTo(20);
    }

    @Test
    void aThrottledCallIsAnsweredAsSqsDoes() {
        try (FaultProxy sqsProxy = proxy(ServiceProtocol.SQS, 0);
                SqsClient sqs = LocalClients.sqs(sqsProxy.endpoint())) {
            sqsProxy.inject(Fault.THROTTLED, 1);

            assertThatThrownBy(() -> sqs.listQueues())
                    .isInstanceOfSatisfying(SqsException.class, e -> assertThat(e.isThrottlingException())
                            .isTrue());
        }
    }

    @Test
    void unprocessedItemsAreTheOnesThatTheServiceNeverSaw() {
        proxy.inject(Fault.UNPROCESSED_ITEMS, 1);

        List<WriteRequest> unprocessed = write(25).unprocessedItems().get("T");

        assertThat(unprocessed).isNotEmpty().hasSizeLessThan(25);
        List<String> sent = received.getFirst()
                .at("/RequestItems/T")
                .valueStream()
                .map(write -> write.at("/PutRequest/Item/id/S").asString())
                .toList();
        List<String> returned = unprocessed.stream()
                .map(write -> write.putRequest().item().get("id").s())
                .toList();
        assertThat(sent).doesNotContainAnyElementsOf(returned);
        assertThat(sent.size() + returned.size()).isEqualTo(25);
    }

    @Test
    void unprocessedKeysAreTheOnesThatTheServiceNeverSaw() {
        proxy.inject(Fault.UNPROCESSED_ITEMS, 1);
        KeysAndAttributes keys = KeysAndAttributes.builder()
                .keys(IntStream.range(0, 25).mapToObj(FaultProxyTest::key).toList())
                .projectionExpression("id")
                .build();

        KeysAndAttributes unprocessed = dynamoDb.batchGetItem(request -> request.requestItems(Map.of("T", keys)))
                .unprocessedKeys()
                .get("T");

        assertThat(unprocessed.projectionExpression()).isEqualTo("id");
        assertThat(unprocessed.keys()).isNotEmpty().hasSizeLessThan(25);
        assertThat(received.getFirst().at("/RequestItems/T/Keys"))
                .hasSize(25 - unprocessed.keys().size());
    }

    @Test
    void aBatchOfWhichNothingWouldBeWrittenIsThrottled() {
        proxy.inject(Fault.UNPROCESSED_ITEMS, 1);

        long throttled = IntStream.range(0, 50).filter(i -> isThrottled()).count();

        assertThat(throttled).isBetween(5L, 45L);
        assertThat(received).hasSize(50 - (int) throttled);
    }

    @Test
    void aLostAnswerLeavesTheWriteDone() {
        proxy.inject(Fault.ANSWER_LOST, 1);

        assertThatThrownBy(() -> write(1)).isInstanceOf(SdkClientException.class);

        assertThat(received).isNotEmpty();
    }

    @Test
    void aFaultCanBeOfOneOperation() {
        proxy.inject(Fault.THROTTLED, 1, "PutItem");

        assertThat(write(1)).isNotNull();
        assertThatThrownBy(
                        () -> dynamoDb.putItem(request -> request.tableName("T").item(key(1))))
                .isInstanceOf(DynamoDbException.class);
    }

    @Test
    void aHealedProxyPassesEverything() {
        proxy.inject(Fault.THROTTLED, 1);
        proxy.inject(Fault.REFUSED, 1);

        proxy.heal();

        assertThat(write(1)).isNotNull();
    }

    @Test
    void theProbabilityIsKept() {
        proxy.inject(Fault.THROTTLED, 0.5);

        long throttled = IntStream.range(0, 200).filter(i -> isThrottled()).count();

        assertThat(throttled).isBetween(60L, 140L);
    }

    @Test
    void aPortThatIsTakenIsNamed() {
        int taken = proxy.endpoint().getPort();

        assertThatThrownBy(() -> proxy(ServiceProtocol.DYNAMODB, taken))
                .isInstanceOf(PortTakenException.class)
                .hasMessage("port " + taken + " for the service is taken");
    }

    private FaultProxy proxy(ServiceProtocol protocol, int port) {
        FaultProxy started = new FaultProxy("the service", protocol, port, new Random(7));
        started.forwardTo(URI.create("http://127.0.0.1:" + backend.getAddress().getPort()));
        return started;
    }

    private boolean isThrottled() {
        try {
            write(1);
            return false;
        } catch (ProvisionedThroughputExceededException e) {
            return true;
        } catch (DynamoDbException e) {
            return e.isThrottlingException();
        }
    }

    private BatchWriteItemResponse write(int items) {
        List<WriteRequest> writes = IntStream.range(0, items)
                .mapToObj(id -> WriteRequest.builder()
                        .putRequest(put -> put.item(key(id)))
                        .build())
                .toList();
        return dynamoDb.batchWriteItem(request -> request.requestItems(Map.of("T", writes)));
    }

    private static Map<String, AttributeValue> key(int id) {
        return Map.of("id", AttributeValue.fromS("item-" + id));
    }
}
