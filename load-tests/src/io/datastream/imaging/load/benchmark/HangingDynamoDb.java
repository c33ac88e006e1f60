package io.datastream.imaging.load.benchmark;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLSocket;

/** A server in place of DynamoDB, whose calls all hang in one phase. */
final class HangingDynamoDb implements AutoCloseable {

    /** Where a call hangs. */
    enum Phase {
        DNS("DNS: the name is never resolved"),
        CONNECT("connect: the SYN is dropped"),
        TLS_HANDSHAKE("TLS handshake: accepted, never answered"),
        REQUEST("request: never read"),
        RESPONSE("response: none"),
        RESPONSE_HEAD("response: the head never ends"),
        RESPONSE_BODY("response: the body comes a byte at a time");

        private final String text;

        Phase(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    /** A request of 25 long keys must not fit into the kernel's buffers, or it would be sent though nobody reads it. */
    private static final int SMALL_BUFFER = 2_048;

    private static final int BACKLOG = 128;

    /** Each byte comes within any time-out of a socket. */
    private static final int MILLISECONDS_BETWEEN_BYTES = 100;

    private final Phase phase;
    private final ServerCertificate certificate;
    private final ServerSocket listener = new ServerSocket();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    HangingDynamoDb(Phase phase, ServerCertificate certificate) throws IOException {
        this.phase = phase;
        this.certificate = certificate;
        if (phase == Phase.REQUEST) {
            listener.setReceiveBufferSize(SMALL_BUFFER);
        }
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), phase == Phase.CONNECT ? 1 : BACKLOG);
        if (phase == Phase.CONNECT) {
            fillBacklog();
        } else {
            Thread.ofPlatform().daemon().name("hanging-" + phase).start(this::accept);
        }
    }

    URI endpoint() {
        String host = phase == Phase.DNS ? HangingResolver.HOST : "localhost";
        return URI.create("https://" + host + ":" + listener.getLocalPort());
    }

    /** Nobody accepts. Once the backlog is full, the kernel drops each further SYN. */
    private void fillBacklog() throws IOException {
        try {
            while (true) {
                Socket socket = new Socket();
                sockets.add(socket);
                socket.connect(listener.getLocalSocketAddress(), 200);
            }
        } catch (SocketTimeoutException full) {
            // The next connection hangs too.
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                sockets.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException closed) {
            if (!listener.isClosed()) {
                throw new UncheckedIOException(closed);
            }
        }
    }

    private void serve(Socket plain) {
        if (phase == Phase.TLS_HANDSHAKE) {
            return;
        }
        try (plain;
                SSLSocket socket = (SSLSocket)
                        certificate.context().getSocketFactory().createSocket(plain, plain.getInputStream(), true)) {
            socket.startHandshake();
            if (phase != Phase.REQUEST) {
                HttpRequests.skip(new BufferedInputStream(socket.getInputStream()));
            }
            switch (phase) {
                case DNS, CONNECT, TLS_HANDSHAKE, REQUEST, RESPONSE -> Thread.sleep(Long.MAX_VALUE);
                case RESPONSE_HEAD -> drip(socket.getOutputStream(), "HTTP/1.1 200 OK\r\nX-Endless: ");
                case RESPONSE_BODY ->
                    drip(socket.getOutputStream(), "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
            }
        } catch (IOException | InterruptedException clientGone) {
            // The function abandoned the call.
        }
    }

    private static void drip(OutputStream out, String start) throws IOException, InterruptedException {
        out.write(start.getBytes(StandardCharsets.US_ASCII));
        while (true) {
            out.write(' ');
            out.flush();
            Thread.sleep(MILLISECONDS_BETWEEN_BYTES);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
