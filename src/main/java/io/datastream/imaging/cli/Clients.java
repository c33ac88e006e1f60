package io.datastream.imaging.cli;

import java.time.Duration;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/** AWS clients by the SDK's own settings. Those of the data path are patient with throttling; the others are not. */
final class Clients {

    private static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(15);

    /** Half a minute of refusals on average; then the run ends, and another one takes up where it was. */
    private static final int PATIENT_ATTEMPTS = 12;

    private static final int OTHER_ATTEMPTS = 2;

    private Clients() {}

    static SqsClient sqs() {
        return configured(SqsClient.builder(), PATIENT_ATTEMPTS).build();
    }

    static DynamoDbClient dynamoDb() {
        return configured(DynamoDbClient.builder(), PATIENT_ATTEMPTS).build();
    }

    static CloudFormationClient cloudFormation() {
        return configured(CloudFormationClient.builder(), OTHER_ATTEMPTS).build();
    }

    static LambdaClient lambda() {
        return configured(LambdaClient.builder(), OTHER_ATTEMPTS).build();
    }

    static CloudWatchClient cloudWatch() {
        return configured(CloudWatchClient.builder(), OTHER_ATTEMPTS).build();
    }

    private static <B extends AwsClientBuilder<B, ?> & AwsSyncClientBuilder<B, ?>> B configured(
            B builder, int attempts) {
        return builder.httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(CONNECTION_TIMEOUT)
                        .socketTimeout(ANSWER_TIMEOUT))
                .overrideConfiguration(
                        override -> override.retryStrategy(AwsRetryStrategy.standardRetryStrategy().toBuilder()
                                .maxAttempts(attempts)
                                // It counts the failures of all threads together, and would give up a run that only
                                // needs time.
                                .circuitBreakerEnabled(false)
                                .backoffStrategy(
                                        BackoffStrategy.exponentialDelay(Duration.ofMillis(50), Duration.ofSeconds(2)))
                                .throttlingBackoffStrategy(
                                        BackoffStrategy.exponentialDelay(Duration.ofMillis(200), Duration.ofSeconds(8)))
                                .build()));
    }
}
