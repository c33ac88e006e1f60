package io.datastream.imaging.ingest;

import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * Sends one made-up upload through the whole function before SnapStart takes its snapshot, so that the snapshot contains
 * the loaded classes.
 *
 * <p>DynamoDB's answer is made in memory, and the call is signed with made-up credentials. So no connection is opened,
 * which would be dead after the restore, and no credentials are read, which would have expired.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-java.html">Runtime hooks</a>
 */
final class SnapshotPriming implements Resource {

    static final String UPLOAD =
            """
            {"Type":"Notification","Message":"{\\"Records\\":[{\\"eventVersion\\":\\"2.1\\",\\"eventName\\":\\"ObjectCreated:Put\\",\
            \\"eventTime\\":\\"2026-01-01T00:00:00.000Z\\",\\"s3\\":{\\"bucket\\":{\\"name\\":\\"priming\\"},\
            \\"object\\":{\\"key\\":\\"patient-0.dcm\\",\\"size\\":1,\\"eTag\\":\\"0\\",\\"sequencer\\":\\"0\\"}}}]}"}""";

    private final AtomicInteger calls = new AtomicInteger();

    private SnapshotPriming() {}

    /** Registers the hook. The registry keeps no strong reference to it. Without SnapStart it is never called. */
    static SnapshotPriming register() {
        SnapshotPriming priming = new SnapshotPriming();
        Core.getGlobalContext().register(priming);
        return priming;
    }

    /** Number of calls to DynamoDB that were answered in memory. */
    int calls() {
        return calls.get();
    }

    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) {
        SQSEvent.SQSMessage message = new SQSEvent.SQSMessage();
        message.setBody(UPLOAD);
        SQSEvent event = new SQSEvent();
        event.setRecords(List.of(message));
        try (DynamoDbClient client = IngestHandler.clientBuilder(new AnswerInMemory())
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("priming", "priming")))
                .build()) {
            SQSBatchResponse response = new IngestHandler(Map.of(IngestHandler.TABLE_NAME, "priming"), client)
                    .handle(event, Duration.ofSeconds(5), "priming", line -> {});
            if (!response.getBatchItemFailures().isEmpty()) {
                throw new IllegalStateException("the made-up upload was not written");
            }
        }
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) {
        // No connection was opened and no credentials were read, so nothing is stale.
    }

    /** Accepts every item. */
    private final class AnswerInMemory implements SdkHttpClient {

        @Override
        public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
            return new ExecutableHttpRequest() {
                @Override
                public HttpExecuteResponse call() {
                    calls.incrementAndGet();
                    byte[] body = "{\"UnprocessedItems\":{}}".getBytes(StandardCharsets.UTF_8);
                    return HttpExecuteResponse.builder()
                            .response(SdkHttpResponse.builder().statusCode(200).build())
                            .responseBody(AbortableInputStream.create(new ByteArrayInputStream(body)))
                            .build();
                }

                @Override
                public void abort() {}
            };
        }

        @Override
        public void close() {}
    }
}
