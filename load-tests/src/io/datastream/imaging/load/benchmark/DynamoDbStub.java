package io.datastream.imaging.load.benchmark;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/**
 * DynamoDB over TLS that accepts every call after a fixed delay and keeps nothing. One virtual thread serves one
 * connection, so that connections cost next to nothing while they wait.
 */
final class DynamoDbStub implements AutoCloseable {

    /** An empty result of both PutItem and BatchWriteItem. */
    private static final byte[] ANSWER =
            """
            HTTP/1.1 200 OK\r
            Content-Type: application/x-amz-json-1.0\r
            Content-Length: 2\r
            \r
            {}"""
                    .getBytes(StandardCharsets.US_ASCII);

    private static final int BACKLOG = 128;

    private final SSLServerSocket listener;
    private final AtomicLong calls = new AtomicLong();
    private final AtomicLong handshakes = new AtomicLong();
    private volatile Duration delay = Duration.ZERO;

    DynamoDbStub(ServerCertificate certificate) throws IOException {
        listener = (SSLServerSocket) certificate
                .context()
                .getServerSocketFactory()
                .createServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().name("dynamodb-stub").start(this::accept);
    }

    URI endpoint() {
        return URI.create("https://localhost:" + listener.getLocalPort());
    }

    /** From now on each call is answered after this time. */
    void answerAfter(Duration delay) {
        this.delay = delay;
    }

    /** Calls answered so far. */
    long calls() {
        return calls.get();
    }

    /** Connections opened so far, each with a TLS handshake. */
    long handshakes() {
        return handshakes.get();
    }

    private void accept() {
        try {
            while (true) {
                SSLSocket socket = (SSLSocket) listener.accept();
                socket.setTcpNoDelay(true);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException closed) {
            if (!listener.isClosed()) {
                throw new UncheckedIOException(closed);
            }
        }
    }

    private void serve(SSLSocket socket) {
        try (socket) {
            socket.startHandshake();
            handshakes.incrementAndGet();
            InputStream in = new BufferedInputStream(socket.getInputStream(), 32_768);
            OutputStream out = socket.getOutputStream();
            while (HttpRequests.skip(in)) {
                Thread.sleep(delay);
                calls.incrementAndGet();
                out.write(ANSWER);
                out.flush();
            }
        } catch (IOException | InterruptedException clientGone) {
            // A function's JVM ended.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
