package io.datastream.imaging.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.RequestOverrideConfiguration;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemResponse;

/** How the writer's calls share threads and time. */
class BatchWriterCallsTest {

    /** Takes everything, after a look at the request. */
    private record WatchedDynamoDb(Consumer<BatchWriteItemRequest> watcher) implements DynamoDbClient {

        @Override
        public BatchWriteItemResponse batchWriteItem(BatchWriteItemRequest request) {
            watcher.accept(request);
            return BatchWriteItemResponse.builder().build();
        }

        @Override
        public String serviceName() {
            return "dynamodb";
        }

        @Override
        public void close() {}
    }

    private final FakeTime time = new FakeTime();

    @Test
    void aFewCallsNeedNoOtherThread() {
        Thread here = Thread.currentThread();
        List<Thread> threads = new ArrayList<>();

        write(new WatchedDynamoDb(request -> threads.add(Thread.currentThread())), 100, Duration.ofSeconds(20));

        assertThat(threads).hasSize(4).containsOnly(here);
    }

    @Test
    void manyCallsRunSideBySide() {
        CyclicBarrier pair = new CyclicBarrier(2);
        DynamoDbClient client = new WatchedDynamoDb(request -> {
            try {
                pair.await(30, TimeUnit.SECONDS);
            } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
                throw new IllegalStateException("no other call came", e);
            }
        });

        assertThat(write(client, 200, Duration.ofSeconds(20)).written()).hasSize(200);
    }

    @Test
    void onlyNearTheDeadlineACallHasATimerOfItsOwnAndLeavesTimeForOthers() {
        List<Optional<Duration>> timers = new ArrayList<>();
        DynamoDbClient client = new WatchedDynamoDb(request ->
                timers.add(request.overrideConfiguration().flatMap(RequestOverrideConfiguration::apiCallTimeout)));

        write(client, 1, Duration.ofSeconds(20));
        write(client, 1, Duration.ofSeconds(8));

        assertThat(timers).containsExactly(Optional.empty(), Optional.of(Duration.ofSeconds(4)));
    }

    @Test
    void aCallThatNeverAnswersEndsAtTheDeadline() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                DynamoDbClient client = IngestHandler.clientBuilder(UrlConnectionHttpClient.create())
                        .endpointOverride(URI.create("http://127.0.0.1:" + silent.getLocalPort()))
                        .region(Region.US_EAST_1)
                        .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("a", "b")))
                        .build()) {
            WriteResult result = write(client, 1, Duration.ofMillis(50));

            assertThat(result.unwritten()).hasSize(1).containsValue("ApiCallTimeoutException");
        }
    }

    private WriteResult write(DynamoDbClient client, int records, Duration timeLeft) {
        try (ExecutorService helpers = Executors.newFixedThreadPool(BatchWriter.MAXIMUM_HELPERS)) {
            BatchWriter writer = new BatchWriter(
                    client,
                    FakeDynamoDb.TABLE,
                    helpers,
                    new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2), new Random(1)),
                    time,
                    time);
            return writer.write(BatchWriterTest.records(records), time.instant().plus(timeLeft));
        }
    }
}
