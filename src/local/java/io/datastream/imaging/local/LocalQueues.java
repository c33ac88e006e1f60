package io.datastream.imaging.local;

import java.net.URI;
import org.elasticmq.NodeAddress;
import org.elasticmq.rest.sqs.SQSRestServer;
import org.elasticmq.rest.sqs.SQSRestServerBuilder;

/** SQS in memory, on a free port of 127.0.0.1. */
final class LocalQueues implements AutoCloseable {
    private final SQSRestServer server;
    private final URI backend;

    /** @param published where callers reach it: queue URLs begin with it */
    LocalQueues(URI published, String region, String account) {
        server = SQSRestServerBuilder.withInterface("127.0.0.1")
                .withDynamicPort()
                .withServerAddress(NodeAddress.apply("http", published.getHost(), published.getPort(), ""))
                .withAWSRegion(region)
                .withAWSAccountId(account)
                .start();
        backend = URI.create(
                "http://127.0.0.1:" + server.waitUntilStarted().localAddress().getPort());
    }

    URI backend() {
        return backend;
    }

    @Override
    public void close() {
        server.stopAndWait();
    }
}
