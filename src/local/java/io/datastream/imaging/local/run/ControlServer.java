package io.datastream.imaging.local.run;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Changes the running pipeline on request: each setting is a path that takes {@code PUT} with the new value as plain
 * text, and answers with one line.
 */
final class ControlServer implements AutoCloseable {
    private final HttpServer server;

    /**
     * Starts to listen on a free port of 127.0.0.1.
     *
     * @param settings by the name of the path: each gets the new value, returns what it did, and throws a
     *     {@link BadInputException} for a value that cannot be used
     */
    ControlServer(Map<String, UnaryOperator<String>> settings) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        settings.forEach((name, setting) -> server.createContext("/" + name, exchange -> answer(exchange, setting)));
        server.start();
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private static void answer(HttpExchange exchange, UnaryOperator<String> setting) throws IOException {
        try (exchange) {
            String value = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8).strip();
            int status = 200;
            String text;
            try {
                // A web page cannot send PUT to another site without that site's consent.
                if (!exchange.getRequestMethod().equals("PUT")) {
                    throw new BadInputException("use curl -X PUT --data-raw VALUE");
                }
                text = setting.apply(value);
            } catch (BadInputException e) {
                status = 400;
                text = e.getMessage();
            }
            byte[] line = (text + "\n").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, line.length);
            exchange.getResponseBody().write(line);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
