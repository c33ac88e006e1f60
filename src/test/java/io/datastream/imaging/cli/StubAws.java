package io.datastream.imaging.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;

/** Answers what CloudFormation and Lambda would for one stack, and refuses SQS; on the wire, as the command hears it. */
final class StubAws implements AutoCloseable {

    private record Answer(int status, String body) {}

    private final HttpServer server;
    private final Map<String, String> outputs = new LinkedHashMap<>();
    private final Map<String, String> answersByPath = new LinkedHashMap<>();

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

    /** The stack that is called {@code imaging}. */
    StubAws withOutputs(Map<String, String> stackOutputs) {
        outputs.putAll(stackOutputs);
        return this;
    }

    /** Lambda's answer to a GET whose path ends so. */
    StubAws withAnswer(String pathEnd, String json) {
        answersByPath.put(pathEnd, json);
        return this;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String request = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            Answer answer = answer(exchange, request);
            byte[] body = answer.body().getBytes(UTF_8);
            exchange.sendResponseHeaders(answer.status(), body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private Answer answer(HttpExchange exchange, String request) {
        if (request.contains("Action=DescribeStacks")) {
            return request.contains("StackName=imaging&") || request.endsWith("StackName=imaging")
                    ? new Answer(200, describeStacks())
                    : new Answer(
                            400,
                            "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code>"
                                    + "<Message>Stack does not exist</Message></Error></ErrorResponse>");
        }
        String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
        if (target != null && target.startsWith("AmazonSQS")) {
            exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.0");
            return new Answer(
                    403,
                    "{\"__type\":\"com.amazon.coral.service#AccessDeniedException\",\"message\":\"User:"
                            + " arn:aws:iam::000000000000:user/intern is not authorized to perform:"
                            + " sqs:getqueueattributes on resource: arn:aws:sqs:us-east-1:000000000000:imaging\"}");
        }
        String path = exchange.getRequestURI().getPath();
        return answersByPath.entrySet().stream()
                .filter(answer -> path.endsWith(answer.getKey()))
                .findFirst()
                .map(answer -> new Answer(200, answer.getValue()))
                .orElse(new Answer(404, "{}"));
    }

    private String describeStacks() {
        StringBuilder members = new StringBuilder();
        outputs.forEach((key, value) -> members.append("<member><OutputKey>")
                .append(key)
                .append("</OutputKey><OutputValue>")
                .append(value)
                .append("</OutputValue></member>"));
        return "<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>imaging</StackName><Outputs>"
                + members + "</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>";
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
