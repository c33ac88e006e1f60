package io.datastream.imaging.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.datastream.imaging.Fixtures;
import io.datastream.imaging.local.lambda.FunctionConfiguration;
import io.datastream.imaging.local.lambda.FunctionError;
import io.datastream.imaging.local.lambda.ProcessEnvironment;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The real jar, started by the real runtime as under SnapStart: hooks run, and only container credentials exist. */
class SnapStartIT {

    private final List<String> credentialRequests = new CopyOnWriteArrayList<>();
    private final List<String> writesAuthorizedBy = new CopyOnWriteArrayList<>();
    private HttpServer server;

    @BeforeEach
    void listen() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/credentials", exchange -> {
            credentialRequests.add(exchange.getRequestHeaders().getFirst("Authorization"));
            answer(
                    exchange,
                    """
                    {"AccessKeyId":"AKIDCONTAINER","SecretAccessKey":"secret","Token":"token","Expiration":"%s"}"""
                            .formatted(Instant.now().plusSeconds(3_600)));
        });
        server.createContext("/", exchange -> {
            writesAuthorizedBy.add(exchange.getRequestHeaders().getFirst("Authorization"));
            answer(exchange, "{\"UnprocessedItems\":{}}");
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void theSnapshotIsPrimedWithoutAnyCallAndTheFirstInvocationUsesFreshCredentials() throws Exception {
        String endpoint = "http://127.0.0.1:" + server.getAddress().getPort();
        FunctionConfiguration function = new FunctionConfiguration(
                "ingest",
                "1",
                IngestHandler.class.getName() + "::handleRequest",
                1_024,
                Duration.ofSeconds(20),
                Map.of(
                        "TABLE_NAME",
                        "ImageMetadata",
                        "AWS_ENDPOINT_URL_DYNAMODB",
                        endpoint,
                        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                        endpoint + "/credentials",
                        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                        "container-token"));

        try (ProcessEnvironment environment =
                ProcessEnvironment.start(function, Path.of("target/ingest-function.jar"), line -> {})) {
            // Loaded only once an upload was read, and once DynamoDB's answer to its write was.
            assertThat(loadedClasses(environment.pid()))
                    .contains("io.datastream.imaging.notification.Envelope$StoredObject")
                    .contains(BatchWriteCall.Outcome.Accepted.class.getName());
            assertThat(credentialRequests).isEmpty();
            assertThat(writesAuthorizedBy).isEmpty();

            assertThat(invoke(environment)).isEqualTo("{\"batchItemFailures\":[]}");
            assertThat(credentialRequests).containsExactly("container-token");
            assertThat(writesAuthorizedBy).singleElement().asString().contains("Credential=AKIDCONTAINER/");
        }
    }

    private static String invoke(ProcessEnvironment environment) throws IOException, FunctionError {
        String body = new ObjectMapper().writeValueAsString(Fixtures.body("recorded/s3-event-in-sns.json"));
        String event = "{\"Records\":[{\"messageId\":\"m-1\",\"body\":" + body + "}]}";
        return environment.invoke("request-1", event, Instant.now().plusSeconds(20));
    }

    private static String loadedClasses(long pid) throws IOException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(pid),
                        "VM.class_hierarchy")
                .redirectErrorStream(true)
                .start();
        return new String(jcmd.getInputStream().readAllBytes(), UTF_8);
    }

    private static void answer(HttpExchange exchange, String body) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.getBytes(UTF_8).length);
            exchange.getResponseBody().write(body.getBytes(UTF_8));
        }
    }
}
