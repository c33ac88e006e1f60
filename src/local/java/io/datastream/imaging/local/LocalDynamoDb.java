package io.datastream.imaging.local;

import com.amazonaws.services.dynamodbv2.local.server.LocalDynamoDBRequestHandler;
import com.amazonaws.services.dynamodbv2.local.server.LocalDynamoDBServerHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.ContextHandler;

/**
 * DynamoDB Local in memory, on a free port of 127.0.0.1. Its own server class would listen on every interface, and
 * report to Amazon that it has started.
 */
final class LocalDynamoDb implements AutoCloseable {
    private final LocalDynamoDBServerHandler handler;
    private final Server server = new Server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));

    LocalDynamoDb() {
        try {
            boolean inMemory = true;
            boolean sharedByAllRegionsAndKeys = true;
            boolean delayStatuses = false;
            handler = new LocalDynamoDBServerHandler(
                    new LocalDynamoDBRequestHandler(0, inMemory, null, sharedByAllRegionsAndKeys, delayStatuses), null);
            server.setHandler(new ContextHandler(handler, "/"));
            server.start();
        } catch (Exception e) {
            throw new IllegalStateException("DynamoDB Local does not start", e);
        }
    }

    URI backend() {
        return URI.create("http://127.0.0.1:" + server.getURI().getPort());
    }

    @Override
    public void close() {
        try {
            server.stop();
            handler.close();
        } catch (Exception e) {
            throw new IllegalStateException("DynamoDB Local does not stop", e);
        }
    }
}
