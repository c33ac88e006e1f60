package io.datastream.imaging.local;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;

/**
 * An HTTP proxy in front of an emulated service, on 127.0.0.1. It forwards calls, counts them, and makes some of them
 * fail.
 */
public final class FaultProxy implements AutoCloseable {
    /** Headers that the HTTP client sets itself, or that belong to one connection. */
    private static final Set<String> NOT_FORWARDED =
            Set.of("connection", "content-length", "expect", "host", "transfer-encoding", "upgrade", "date");

    static {
        // Without it, a response of two packets waits 40 ms for the client's delayed acknowledgement. The JDK reads it
        // once, when the first HttpServer is made.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        System.setProperty("sun.net.httpserver.idleInterval", "300");
        System.setProperty("sun.net.httpserver.maxIdleConnections", "1000");
        // The emulators close idle connections after 30 s; a request on a connection that is being closed fails.
        System.setProperty("jdk.httpclient.keepalive.timeout", "10");
    }

    private record Injection(Fault fault, double probability, Set<String> operations) {
        boolean concerns(String operation) {
            return operations.isEmpty() || operations.contains(operation);
        }
    }

    private final ServiceProtocol protocol;
    private final RandomGenerator random;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient client;
    private volatile URI backend;
    private final Map<Fault, Injection> injections = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> calls = new ConcurrentHashMap<>();
    private final Map<Fault, LongAdder> injected = new ConcurrentHashMap<>();

    /**
     * Starts to listen.
     *
     * @param port 0 for any free one
     * @throws PortTakenException if the port is not free
     */
    FaultProxy(String service, ServiceProtocol protocol, int port, RandomGenerator random) {
        this.protocol = protocol;
        this.random = random;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .executor(threads)
                .build();
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1024);
        } catch (BindException e) {
            throw new PortTakenException(service, port, e);
        } catch (IOException e) {
            throw new IllegalStateException("cannot listen for " + service, e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** From now on, calls fail this way with this probability (0 to 1), besides the other faults. */
    public void inject(Fault fault, double probability, String... operations) {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("a probability is between 0 and 1");
        }
        if (fault == Fault.UNPROCESSED_ITEMS && protocol != ServiceProtocol.DYNAMODB) {
            throw new IllegalArgumentException("only DynamoDB returns unprocessed items");
        }
        injections.put(fault, new Injection(fault, probability, Set.of(operations)));
    }

    /** No more faults. Calls under way keep theirs. */
    public void heal() {
        injections.clear();
    }

    /** How often an operation such as {@code BatchWriteItem} was called, with or without a fault. */
    public long calls(String operation) {
        return calls.getOrDefault(operation, new LongAdder()).sum();
    }

    public long injected(Fault fault) {
        return injected.getOrDefault(fault, new LongAdder()).sum();
    }

    void forwardTo(URI newBackend) {
        backend = newBackend;
    }

    private void handle(HttpExchange exchange) throws IOException {
        // Closing an exchange that has not been answered closes its connection.
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String operation = operation(exchange);
            calls.computeIfAbsent(operation, key -> new LongAdder()).increment();
            Optional<ProxyAnswer> answer = answer(exchange, operation, body);
            if (answer.isPresent()) {
                send(exchange, answer.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Optional<ProxyAnswer> answer(HttpExchange exchange, String operation, byte[] body)
            throws IOException, InterruptedException {
        if (strikes(Fault.REFUSED, operation)) {
            return Optional.empty();
        }
        if (strikes(Fault.THROTTLED, operation)) {
            return Optional.of(protocol.throttled(random));
        }
        ProxyAnswer answer;
        if (PartialBatch.OPERATIONS.contains(operation) && strikes(Fault.UNPROCESSED_ITEMS, operation)) {
            PartialBatch batch = new PartialBatch(body, random);
            answer = batch.isEmpty() ? protocol.throttled(random) : batch.answer(forward(exchange, batch.request()));
        } else {
            answer = forward(exchange, body);
        }
        return strikes(Fault.ANSWER_LOST, operation) ? Optional.empty() : Optional.of(answer);
    }

    private boolean strikes(Fault fault, String operation) {
        Injection injection = injections.get(fault);
        boolean strikes =
                injection != null && injection.concerns(operation) && random.nextDouble() < injection.probability();
        if (strikes) {
            injected.computeIfAbsent(fault, key -> new LongAdder()).increment();
        }
        return strikes;
    }

    private ProxyAnswer forward(HttpExchange exchange, byte[] body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        backend.resolve(exchange.getRequestURI().toString()))
                .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body));
        exchange.getRequestHeaders().forEach((header, values) -> {
            if (isForwarded(header)) {
                values.forEach(value -> request.header(header, value));
            }
        });
        HttpResponse<byte[]> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        return new ProxyAnswer(answer.statusCode(), answer.headers().map(), answer.body());
    }

    private static void send(HttpExchange exchange, ProxyAnswer answer) throws IOException {
        answer.headers().forEach((header, values) -> {
            if (isForwarded(header)) {
                exchange.getResponseHeaders().put(header, values);
            }
        });
        exchange.sendResponseHeaders(answer.status(), answer.body().length == 0 ? -1 : answer.body().length);
        if (answer.body().length > 0) {
            exchange.getResponseBody().write(answer.body());
        }
    }

    private static boolean isForwarded(String header) {
        return !NOT_FORWARDED.contains(header.toLowerCase(Locale.ROOT));
    }

    /** {@code X-Amz-Target} without the service's version, such as {@code SendMessage}. */
    private static String operation(HttpExchange exchange) {
        String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
        return target == null ? "unknown" : target.substring(target.indexOf('.') + 1);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        client.shutdownNow();
    }
}
