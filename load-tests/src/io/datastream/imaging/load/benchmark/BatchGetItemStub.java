package io.datastream.imaging.load.benchmark;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** DynamoDB over TLS whose table has an item for every key, always of the same size and eTag. It answers after a delay. */
final class BatchGetItemStub implements AutoCloseable {

    /** Of every item. */
    static final long FILE_SIZE = 524_288;

    static final String E_TAG = "9b2cf535f27731c974343645a3985328";

    private static final int BACKLOG = 128;
    private static final String REST_OF_AN_ITEM =
            "\"},\"fileSize\":{\"N\":\"" + FILE_SIZE + "\"},\"eTag\":{\"S\":\"" + E_TAG + "\"}";

    private final SSLServerSocket listener;
    private final Duration delay;

    BatchGetItemStub(ServerCertificate certificate, Duration delay) throws IOException {
        this.delay = delay;
        listener = (SSLServerSocket) certificate
                .context()
                .getServerSocketFactory()
                .createServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().name("batch-get-item-stub").start(this::accept);
    }

    URI endpoint() {
        return URI.create("https://localhost:" + listener.getLocalPort());
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
            InputStream in = new BufferedInputStream(socket.getInputStream(), 32_768);
            OutputStream out = socket.getOutputStream();
            for (byte[] body = HttpRequests.body(in); body != null; body = HttpRequests.body(in)) {
                Thread.sleep(delay);
                out.write(answer(new String(body, UTF_8)));
                out.flush();
            }
        } catch (IOException | InterruptedException clientGone) {
            // The benchmark's JVM ended.
        }
    }

    /** The keys themselves, each with the rest of an item: text in, text out, so that the stub costs little. */
    private static byte[] answer(String request) {
        int from = request.indexOf("\"Keys\":[") + "\"Keys\":[".length();
        String items = request.substring(from, request.indexOf("\"}}]", from) + "\"}}".length())
                .replace("\"}},{", REST_OF_AN_ITEM + "},{");
        byte[] body = ("{\"Responses\":{\"ImageMetadata\":[" + items.substring(0, items.length() - "\"}}".length())
                        + REST_OF_AN_ITEM + "}]},\"UnprocessedKeys\":{}}")
                .getBytes(UTF_8);
        byte[] head = ("HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: " + body.length
                        + "\r\n\r\n")
                .getBytes(UTF_8);
        byte[] answer = new byte[head.length + body.length];
        System.arraycopy(head, 0, answer, 0, head.length);
        System.arraycopy(body, 0, answer, head.length, body.length);
        return answer;
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
