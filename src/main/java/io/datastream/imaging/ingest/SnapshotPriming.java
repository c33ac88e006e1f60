package io.datastream.imaging.ingest;

import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.PatientIdPattern;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
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
 * Before SnapStart takes its snapshot, sends one made-up upload through the whole function, so that the snapshot holds
 * loaded classes.
 *
 * <p>DynamoDB is answered in memory and the call signed with made-up credentials: no connection is opened that would be
 * dead after the restore, and no credentials are read that would have expired.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-java.html">Runtime hooks</a>
 */
final class SnapshotPriming implements Resource {

    private static final String UPLOAD =
            """
            {"Type":"Notification","Message":"{\\"Records\\":[{\\"eventVersion\\":\\"2.1\\",\\"eventName\\":\\"ObjectCreated:Put\\",\
            \\"eventTime\\":\\"2026-01-01T00:00:00.000Z\\",\\"s3\\":{\\"bucket\\":{\\"name\\":\\"priming\\"},\
            \\"object\\":{\\"key\\":\\"patient-0.dcm\\",\\"size\\":1,\\"eTag\\":\\"0\\",\\"sequencer\\":\\"0\\"}}}]}"}""";

    private SnapshotPriming() {}

    /** Asks Lambda's runtime to be called; it keeps no strong reference. Without SnapStart, nobody calls. */
    static SnapshotPriming register() {
        SnapshotPriming priming = new SnapshotPriming();
        Core.getGlobalContext().register(priming);
        return priming;
    }

    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) {
        SQSEvent.SQSMessage message = new SQSEvent.SQSMessage();
        message.setMessageId("priming");
        message.setBody(UPLOAD);
        SQSEvent event = new SQSEvent();
        event.setRecords(List.of(message));
        try (DynamoDbClient client = IngestHandler.clientBuilder(new AnswerInMemory())
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("priming", "priming")))
                .build()) {
            InstantSource clock = InstantSource.system();
            Backoff backoff = new Backoff(Duration.ofMillis(1), Duration.ofMillis(1), new SecureRandom());
            IngestHandler handler = new IngestHandler(
                    new MessageReader(PatientIdPattern.compile(PatientIdPattern.DEFAULT)),
                    new BatchWriter(client, "priming", IngestHandler.VIRTUAL_THREADS, backoff, clock, Waiting.REAL),
                    clock);
            SQSBatchResponse response = handler.handle(event, Duration.ofSeconds(5), "priming", line -> {});
            if (!response.getBatchItemFailures().isEmpty()) {
                throw new IllegalStateException("the made-up upload did not go through the whole function");
            }
        }
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) {
        // Nothing was held, so nothing is stale.
    }

    /** Takes every item. */
    private static final class AnswerInMemory implements SdkHttpClient {

        @Override
        public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
            return new ExecutableHttpRequest() {
                @Override
                public HttpExecuteResponse call() {
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
