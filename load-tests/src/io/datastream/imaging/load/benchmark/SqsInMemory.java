package io.datastream.imaging.load.benchmark;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * SQS's JSON protocol over HTTP, with standard queues in memory: the five calls that the commands make. The embedded SQS
 * looks at the whole queue for each message that becomes visible early, so 100,000 of them would take hours.
 */
final class SqsInMemory implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.shared();

    private static final class Stored {
        private final String id = UUID.randomUUID().toString();
        private final long sentMilliseconds = System.currentTimeMillis();
        private final String body;
        private int receives;
        /** Null while the message is visible. */
        private Lease lease;

        Stored(String body) {
            this.body = body;
        }
    }

    private record Lease(Stored stored, String receiptHandle, long end) {}

    private static final class MessageQueue {
        private final Queue<Stored> visible = new ArrayDeque<>();
        private final Map<String, Stored> leased = new HashMap<>();
        private final PriorityQueue<Lease> ends =
                new PriorityQueue<>((one, other) -> Long.signum(one.end() - other.end()));

        void lease(Stored stored, String receiptHandle, long seconds) {
            stored.lease = new Lease(
                    stored,
                    receiptHandle,
                    System.nanoTime() + Duration.ofSeconds(seconds).toNanos());
            leased.put(receiptHandle, stored);
            ends.add(stored.lease);
        }

        void release(Stored stored) {
            leased.remove(stored.lease.receiptHandle());
            stored.lease = null;
            visible.add(stored);
        }

        void endLeases() {
            while (!ends.isEmpty() && ends.peek().end() - System.nanoTime() <= 0) {
                Lease ended = ends.remove();
                // Not one that was released, deleted or changed in the meantime.
                if (ended.stored().lease == ended) {
                    release(ended.stored());
                }
            }
        }
    }

    private final Map<String, MessageQueue> queues = new ConcurrentHashMap<>();
    private final Duration delay;
    private final HttpServer server;

    /**
     * Starts the server.
     *
     * @param delay of each call
     */
    SqsInMemory(Duration delay) throws IOException {
        this.delay = delay;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** A queue exists as soon as it is used. */
    String url(String name) {
        return endpoint() + "/000000000000/" + name;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            JsonNode request = JSON.readTree(exchange.getRequestBody());
            Thread.sleep(delay);
            String url = request.get("QueueUrl").asString();
            MessageQueue queue =
                    queues.computeIfAbsent(url.substring(url.lastIndexOf('/') + 1), name -> new MessageQueue());
            String call = exchange.getRequestHeaders().getFirst("X-Amz-Target").replace("AmazonSQS.", "");
            byte[] response;
            synchronized (queue) {
                queue.endLeases();
                response = JSON.writeValueAsBytes(response(call, queue, url, request));
            }
            exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.0");
            exchange.sendResponseHeaders(200, response.length);
            exchange.getResponseBody().write(response);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static ObjectNode response(String call, MessageQueue queue, String url, JsonNode request) {
        return switch (call) {
            case "GetQueueAttributes" -> attributes(queue, url);
            case "ReceiveMessage" -> receive(queue, request);
            case "SendMessageBatch" ->
                forEach(request, (entry, result) -> {
                    Stored stored = new Stored(entry.get("MessageBody").asString());
                    queue.visible.add(stored);
                    result.put("MessageId", stored.id).put("MD5OfMessageBody", md5(stored.body));
                });
            case "DeleteMessageBatch" ->
                forEach(request, (entry, result) -> {
                    Stored stored =
                            queue.leased.remove(entry.get("ReceiptHandle").asString());
                    if (stored != null) {
                        stored.lease = null;
                    }
                });
            case "ChangeMessageVisibilityBatch" ->
                forEach(request, (entry, result) -> {
                    String receiptHandle = entry.get("ReceiptHandle").asString();
                    Stored stored = queue.leased.get(receiptHandle);
                    long seconds = entry.get("VisibilityTimeout").asLong();
                    if (stored != null && seconds == 0) {
                        queue.release(stored);
                    } else if (stored != null) {
                        queue.lease(stored, receiptHandle, seconds);
                    }
                });
            default -> throw new IllegalArgumentException(call);
        };
    }

    private static ObjectNode attributes(MessageQueue queue, String url) {
        ObjectNode response = JSON.createObjectNode();
        response.putObject("Attributes")
                .put("QueueArn", "arn:aws:sqs:us-east-1:000000000000:" + url.substring(url.lastIndexOf('/') + 1))
                .put("ApproximateNumberOfMessages", Integer.toString(queue.visible.size()))
                .put("ApproximateNumberOfMessagesNotVisible", Integer.toString(queue.leased.size()));
        return response;
    }

    private static ObjectNode receive(MessageQueue queue, JsonNode request) {
        ObjectNode response = JSON.createObjectNode();
        var messages = response.putArray("Messages");
        for (int most = request.get("MaxNumberOfMessages").asInt(); most > 0 && !queue.visible.isEmpty(); most--) {
            Stored stored = queue.visible.remove();
            stored.receives++;
            String receiptHandle = stored.id + "#" + stored.receives;
            queue.lease(stored, receiptHandle, request.get("VisibilityTimeout").asLong());
            messages.addObject()
                    .put("MessageId", stored.id)
                    .put("ReceiptHandle", receiptHandle)
                    .put("Body", stored.body)
                    .put("MD5OfBody", md5(stored.body))
                    .putObject("Attributes")
                    .put("SentTimestamp", Long.toString(stored.sentMilliseconds))
                    .put("ApproximateReceiveCount", Integer.toString(stored.receives));
        }
        return response;
    }

    private static ObjectNode forEach(JsonNode request, BiConsumer<JsonNode, ObjectNode> call) {
        ObjectNode response = JSON.createObjectNode();
        var successful = response.putArray("Successful");
        response.putArray("Failed");
        for (JsonNode entry : request.get("Entries")) {
            call.accept(entry, successful.addObject().put("Id", entry.get("Id").asString()));
        }
        return response;
    }

    private static String md5(String body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(body.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
