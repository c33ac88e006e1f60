package io.datastream.imaging.ingest;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server in place of DynamoDB whose calls hang in one phase, until {@link #recover} lets it answer. */
final class HangingServer implements AutoCloseable {

    /** Where a call hangs. */
    enum Phase {
        /** The connection is never established: the listener's backlog is full, and the kernel drops the SYN. */
        CONNECT,
        /** The connection is accepted, and nothing is ever sent. With TLS this is the handshake. */
        TLS_HANDSHAKE,
        /** The request is read and never answered. */
        RESPONSE,
        /** The head of the response has no end. */
        RESPONSE_HEAD,
        /** The body of the response arrives one byte at a time. */
        RESPONSE_BODY
    }

    private static final String ANSWER =
            """
            HTTP/1.1 200 OK\r
            Content-Type: application/x-amz-json-1.0\r
            Content-Length: 23\r
            \r
            {"UnprocessedItems":{}}""";

    private final Phase phase;
    private ServerSocket listener;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile boolean recovered;

    HangingServer(Phase phase) throws IOException {
        this.phase = phase;
        listener = new ServerSocket(0, phase == Phase.CONNECT ? 1 : 50, InetAddress.getLoopbackAddress());
        if (phase == Phase.CONNECT) {
            fillBacklog();
        } else {
            start();
        }
    }

    URI endpoint() {
        String scheme = phase == Phase.TLS_HANDSHAKE ? "https" : "http";
        return URI.create(scheme + "://127.0.0.1:" + listener.getLocalPort());
    }

    /** Connections that were accepted and that neither side has closed. */
    int openConnections() {
        return sockets.size();
    }

    /** From now on calls are answered, also over a connection that is there already. */
    void recover() throws IOException {
        recovered = true;
        if (phase == Phase.CONNECT) {
            int port = listener.getLocalPort();
            close();
            listener = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
            start();
        }
    }

    private void start() {
        ServerSocket listener = this.listener;
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    Socket socket = listener.accept();
                    sockets.add(socket);
                    Thread.ofVirtual().start(() -> serve(socket));
                }
            } catch (IOException closed) {
                // The end of the test.
            }
        });
    }

    private void fillBacklog() throws IOException {
        try {
            while (true) {
                Socket socket = new Socket();
                sockets.add(socket);
                socket.connect(new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort()), 100);
            }
        } catch (SocketTimeoutException full) {
            // The next connection hangs too.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            if (phase == Phase.TLS_HANDSHAKE) {
                in.transferTo(OutputStream.nullOutputStream());
            }
            while (readRequest(in)) {
                if (!recovered) {
                    hang(in, out);
                }
                out.write(ANSWER.getBytes(US_ASCII));
                out.flush();
            }
        } catch (SocketException | InterruptedException clientGone) {
            // The call was abandoned.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            sockets.remove(socket);
        }
    }

    private void hang(InputStream in, OutputStream out) throws IOException, InterruptedException {
        switch (phase) {
            case CONNECT, TLS_HANDSHAKE, RESPONSE -> in.transferTo(OutputStream.nullOutputStream());
            case RESPONSE_HEAD -> drip(out, "HTTP/1.1 200 OK\r\nX-Endless: ");
            case RESPONSE_BODY -> drip(out, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
        }
    }

    private static void drip(OutputStream out, String start) throws IOException, InterruptedException {
        out.write(start.getBytes(US_ASCII));
        while (true) {
            out.write(' ');
            out.flush();
            Thread.sleep(10);
        }
    }

    /** Reads one request, whose body has the length that its head says; false at the end of the connection. */
    private static boolean readRequest(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return false;
            }
            head.append((char) next);
        }
        String length = head.toString().replaceFirst("(?is).*\\r\\ncontent-length: *(\\d+).*", "$1");
        in.skipNBytes(Long.parseLong(length));
        return true;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
