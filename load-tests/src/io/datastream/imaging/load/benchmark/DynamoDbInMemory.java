package io.datastream.imaging.load.benchmark;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * DynamoDB takes every item, without a network: the SDK marshals, signs and unmarshals as ever, and the request's body
 * is read to its end.
 */
final class DynamoDbInMemory implements SdkHttpClient {

    private static final byte[] TAKEN = "{}".getBytes(StandardCharsets.UTF_8);

    static DynamoDbClient client() {
        return DynamoDbClient.builder()
                .httpClient(new DynamoDbInMemory())
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .overrideConfiguration(override -> override.retryStrategy(AwsRetryStrategy.doNotRetry()))
                .build();
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        return new ExecutableHttpRequest() {
            @Override
            public HttpExecuteResponse call() throws IOException {
                try (InputStream body =
                        request.contentStreamProvider().orElseThrow().newStream()) {
                    body.transferTo(OutputStream.nullOutputStream());
                }
                return HttpExecuteResponse.builder()
                        .response(SdkHttpResponse.builder()
                                .statusCode(200)
                                .putHeader("Content-Type", "application/x-amz-json-1.0")
                                .putHeader("Content-Length", Integer.toString(TAKEN.length))
                                .build())
                        .responseBody(AbortableInputStream.create(new ByteArrayInputStream(TAKEN)))
                        .build();
            }

            @Override
            public void abort() {
                // There is nothing to wait for.
            }
        };
    }

    @Override
    public void close() {
        // There is no connection.
    }
}
