package io.datastream.imaging.local.lambda;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Lambda's runtime API for one execution environment, on a loopback port of its own.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html">Lambda runtime API</a>
 */
final class RuntimeApi implements AutoCloseable {

    static {
        // Without it, a response of two packets waits for a delayed acknowledgement: a call takes 88 ms instead of 1.
        // The JDK reads it once, when the JVM's first HttpServer is made.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private static final String ROOT = "/2018-06-01/runtime/";

    private record Invocation(String id, String event, Instant deadline, CompletableFuture<String> outcome) {}

    private final String functionArn;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CompletableFuture<Void> initialised = new CompletableFuture<>();
    private final BlockingQueue<Invocation> waiting = new LinkedBlockingQueue<>();
    private volatile @Nullable Invocation current;
    private volatile @Nullable FunctionError failure;

    RuntimeApi(String functionArn) {
        this.functionArn = functionArn;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException("The runtime API cannot listen on loopback", e);
        }
        server.setExecutor(threads);
        server.createContext(ROOT, this::serve);
        server.start();
    }

    /** Host and port, in the form of {@code AWS_LAMBDA_RUNTIME_API}. */
    String address() {
        return server.getAddress().getHostString() + ":" + server.getAddress().getPort();
    }

    /** Completes when the function first requests an invocation; fails with a {@link FunctionError}. */
    CompletableFuture<Void> initialised() {
        return initialised;
    }

    /** Hands an invocation to the function; the future is the response, or fails with a {@link FunctionError}. */
    CompletableFuture<String> invoke(String id, String event, Instant deadline) {
        Invocation invocation = new Invocation(id, event, deadline, new CompletableFuture<>());
        current = invocation;
        waiting.add(invocation);
        FunctionError ended = failure;
        if (ended != null) {
            invocation.outcome.completeExceptionally(ended);
        }
        return invocation.outcome;
    }

    /** The environment has ended: all calls that wait for it, now or later, fail with this error. */
    void fail(FunctionError error) {
        failure = error;
        initialised.completeExceptionally(error);
        Invocation interrupted = current;
        if (interrupted != null) {
            interrupted.outcome.completeExceptionally(error);
        }
    }

    private void serve(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath().substring(ROOT.length());
        try (exchange) {
            if (path.equals("invocation/next")) {
                next(exchange);
                return;
            }
            if (path.equals("restore/next")) {
                // Requested after the hooks before a snapshot. Here the function is restored at once.
                exchange.sendResponseHeaders(200, -1);
                return;
            }
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            if (path.equals("init/error") || path.equals("restore/error")) {
                fail(FunctionError.parse(body));
            } else if (!settle(path, body)) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            exchange.sendResponseHeaders(202, -1);
        } catch (InterruptedException unused) {
            // The environment is being closed.
            Thread.currentThread().interrupt();
        }
    }

    private void next(HttpExchange exchange) throws IOException, InterruptedException {
        initialised.complete(null);
        Invocation invocation = waiting.take();
        byte[] event = invocation.event.getBytes(StandardCharsets.UTF_8);
        var headers = exchange.getResponseHeaders();
        headers.set("Content-Type", "application/json");
        headers.set("Lambda-Runtime-Aws-Request-Id", invocation.id);
        headers.set("Lambda-Runtime-Deadline-Ms", Long.toString(invocation.deadline.toEpochMilli()));
        headers.set("Lambda-Runtime-Invoked-Function-Arn", functionArn);
        exchange.sendResponseHeaders(200, event.length);
        exchange.getResponseBody().write(event);
    }

    /** Ends the current invocation with its response or error; false if the path is not one of that invocation's. */
    private boolean settle(String path, String body) {
        Invocation invocation = current;
        if (invocation == null) {
            return false;
        }
        String prefix = "invocation/" + invocation.id;
        if (path.equals(prefix + "/response")) {
            return invocation.outcome.complete(body);
        }
        return path.equals(prefix + "/error") && invocation.outcome.completeExceptionally(FunctionError.parse(body));
    }

    @Override
    public void close() {
        threads.shutdownNow();
        server.stop(0);
    }
}
