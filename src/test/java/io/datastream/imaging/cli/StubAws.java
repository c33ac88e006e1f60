package io.datastream.imaging.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import software.amazon.awssdk.thirdparty.jackson.core.JsonGenerator;
import software.amazon.awssdk.thirdparty.jackson.dataformat.cbor.CBORFactory;

/** Answers on the wire as CloudFormation, Lambda and CloudWatch do, and refuses SQS calls as SQS does. */
final class StubAws implements AutoCloseable {

    private record Answer(int status, byte[] body) {

        private static Answer of(int status, String body) {
            return new Answer(status, body.getBytes(UTF_8));
        }
    }

    private final HttpServer server;
    private final Map<String, String> stacks = new LinkedHashMap<>();
    private final Map<String, String> answersByPath = new LinkedHashMap<>();
    private final Map<String, String> alarms = new LinkedHashMap<>();
    private volatile String sqsError = "AccessDeniedException";
    private volatile String sqsText = "";
    private volatile boolean answersCounts;

    StubAws() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::handle);
        server.start();
    }

    String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    StubAws withStack(String name, String state, Map<String, String> outputs) {
        StringBuilder members = new StringBuilder();
        outputs.forEach((key, value) -> members.append("<member><OutputKey>")
                .append(key)
                .append("</OutputKey><OutputValue>")
                .append(value)
                .append("</OutputValue></member>"));
        stacks.put(
                name,
                "<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>" + name
                        + "</StackName><StackStatus>" + state + "</StackStatus><Outputs>" + members
                        + "</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>");
        return this;
    }

    /** Lambda's answer to a GET whose path ends so. */
    StubAws withAnswer(String pathEnd, String json) {
        answersByPath.put(pathEnd, json);
        return this;
    }

    /** An alarm; an empty reason means that it is not on. */
    StubAws withAlarm(String name, String reason) {
        alarms.put(name, reason);
        return this;
    }

    /** What every call to SQS is refused with. */
    void refuseSqs(String error, String text) {
        answersCounts = false;
        sqsError = error;
        sqsText = text;
    }

    /** As a queue does whose key the caller may not use: it can be counted, and not read. */
    void refuseToReceive(String error, String text) {
        refuseSqs(error, text);
        answersCounts = true;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String request = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            Answer answer = answer(exchange, request);
            exchange.sendResponseHeaders(answer.status(), answer.body().length);
            exchange.getResponseBody().write(answer.body());
        }
    }

    private Answer answer(HttpExchange exchange, String request) throws IOException {
        if (request.contains("Action=DescribeStacks")) {
            return stacks.entrySet().stream()
                    .filter(stack -> (request + "&").contains("StackName=" + stack.getKey() + "&"))
                    .findFirst()
                    .map(stack -> Answer.of(200, stack.getValue()))
                    .orElse(Answer.of(
                            400,
                            "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code>"
                                    + "<Message>Stack does not exist</Message></Error></ErrorResponse>"));
        }
        String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
        if (target != null && target.startsWith("AmazonSQS")) {
            exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.0");
            if (answersCounts && target.endsWith("GetQueueAttributes")) {
                return Answer.of(
                        200,
                        "{\"Attributes\":{\"ApproximateNumberOfMessages\":\"3\",\"KmsMasterKeyId\":\"alias/imaging\"}}");
            }
            return Answer.of(
                    sqsError.startsWith("AccessDenied") ? 403 : 400,
                    "{\"__type\":\"com.amazonaws.sqs#" + sqsError + "\",\"message\":\"" + sqsText + "\"}");
        }
        String path = exchange.getRequestURI().getPath();
        if (path.endsWith("/operation/DescribeAlarms")) {
            exchange.getResponseHeaders().set("Content-Type", "application/cbor");
            exchange.getResponseHeaders().set("smithy-protocol", "rpc-v2-cbor");
            return new Answer(200, describeAlarms());
        }
        return answersByPath.entrySet().stream()
                .filter(answer -> path.endsWith(answer.getKey()))
                .findFirst()
                .map(answer -> Answer.of(200, answer.getValue()))
                .orElse(Answer.of(404, "{}"));
    }

    private byte[] describeAlarms() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator cbor = new CBORFactory().createGenerator(bytes)) {
            cbor.writeStartObject();
            cbor.writeArrayFieldStart("MetricAlarms");
            for (Map.Entry<String, String> alarm : alarms.entrySet()) {
                cbor.writeStartObject();
                cbor.writeStringField("AlarmName", alarm.getKey());
                cbor.writeStringField("StateValue", alarm.getValue().isEmpty() ? "OK" : "ALARM");
                cbor.writeStringField("StateReason", alarm.getValue());
                cbor.writeBooleanField("ActionsEnabled", true);
                cbor.writeEndObject();
            }
            cbor.writeEndArray();
            cbor.writeEndObject();
        }
        return bytes.toByteArray();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
