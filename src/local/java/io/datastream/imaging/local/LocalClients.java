package io.datastream.imaging.local;

import java.net.URI;
import java.time.Duration;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * Clients of the emulated services. They do not retry, so that the caller sees each fault. They do not use
 * HttpURLConnection: all its clients in a JVM share their idle connections, also those to clouds that are closed.
 */
public final class LocalClients {
    static final String REGION = "us-east-1";
    /** Longer than a long poll of 20 s. */
    private static final Duration SOCKET_TIMEOUT = Duration.ofSeconds(30);

    private static final int CONNECTIONS = 200;

    private LocalClients() {}

    public static S3Client s3(URI endpoint) {
        return configured(S3Client.builder().forcePathStyle(true), endpoint).build();
    }

    public static SqsClient sqs(URI endpoint) {
        return configured(SqsClient.builder(), endpoint).build();
    }

    public static DynamoDbClient dynamoDb(URI endpoint) {
        return configured(DynamoDbClient.builder(), endpoint).build();
    }

    private static <B extends AwsClientBuilder<B, ?> & AwsSyncClientBuilder<B, ?>> B configured(
            B builder, URI endpoint) {
        return builder.endpointOverride(endpoint)
                .region(Region.of(REGION))
                .credentialsProvider(LocalCredentials.PROVIDER)
                .overrideConfiguration(configuration -> configuration.retryStrategy(AwsRetryStrategy.doNotRetry()))
                .httpClientBuilder(
                        Apache5HttpClient.builder().maxConnections(CONNECTIONS).socketTimeout(SOCKET_TIMEOUT));
    }
}
