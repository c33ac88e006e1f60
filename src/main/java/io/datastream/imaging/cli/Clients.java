package io.datastream.imaging.cli;

import io.datastream.imaging.cli.BaseCommand.OperatorException;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * AWS clients with the SDK's own settings. Region and credentials are each looked up on their own, so that an error
 * names the one that is missing.
 */
final class Clients {

    private static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(15);

    private final Map<String, String> localRun;
    private final Region region;
    private final AwsCredentialsProvider credentials;

    /**
     * Finds Region and credentials.
     *
     * @param localRun variables of the local run, which come before the environment's; empty for AWS
     * @throws OperatorException if there is no Region, or there are no credentials
     */
    Clients(Map<String, String> localRun) {
        this.localRun = Map.copyOf(localRun);
        this.region = region();
        this.credentials = credentials();
    }

    /** Without retries: {@code Retries} repeats its calls. */
    SqsClient sqs() {
        return configured(SqsClient.builder(), "SQS", AwsRetryStrategy.doNotRetry())
                .build();
    }

    /** Without retries: {@code Retries} repeats its calls. */
    DynamoDbClient dynamoDb() {
        return configured(DynamoDbClient.builder(), "DynamoDB", AwsRetryStrategy.doNotRetry())
                .build();
    }

    CloudFormationClient cloudFormation() {
        return configured(CloudFormationClient.builder(), "CloudFormation", AwsRetryStrategy.standardRetryStrategy())
                .build();
    }

    LambdaClient lambda() {
        return configured(LambdaClient.builder(), "Lambda", AwsRetryStrategy.standardRetryStrategy())
                .build();
    }

    CloudWatchClient cloudWatch() {
        return configured(CloudWatchClient.builder(), "CloudWatch", AwsRetryStrategy.standardRetryStrategy())
                .build();
    }

    <B extends AwsClientBuilder<B, ?> & AwsSyncClientBuilder<B, ?>> B configured(
            B builder, String service, RetryStrategy retries) {
        if (!localRun.isEmpty()) {
            @Nullable String endpoint = localRun.get("AWS_ENDPOINT_URL_" + service.toUpperCase(Locale.ROOT));
            if (endpoint == null) {
                throw new OperatorException("the local run has no " + service);
            }
            builder.endpointOverride(URI.create(endpoint));
        }
        return builder.region(region)
                .credentialsProvider(credentials)
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(CONNECTION_TIMEOUT)
                        .socketTimeout(ANSWER_TIMEOUT))
                .overrideConfiguration(override -> override.retryStrategy(retries));
    }

    private Region region() {
        Optional<String> given = variable(localRun, "AWS_REGION")
                .or(() -> variable(System.getenv(), "AWS_REGION"))
                .or(() -> variable(System.getenv(), "AWS_DEFAULT_REGION"));
        if (given.isPresent()) {
            return Region.of(given.get());
        }
        try {
            return DefaultAwsRegionProviderChain.builder().build().getRegion();
        } catch (SdkClientException e) {
            throw new OperatorException("no AWS Region is set: for example, export AWS_REGION=eu-central-1", e);
        }
    }

    private AwsCredentialsProvider credentials() {
        Optional<String> key = variable(localRun, "AWS_ACCESS_KEY_ID");
        if (key.isPresent()) {
            return StaticCredentialsProvider.create(
                    AwsBasicCredentials.create(key.get(), localRun.getOrDefault("AWS_SECRET_ACCESS_KEY", "")));
        }
        try {
            DefaultCredentialsProvider provider =
                    DefaultCredentialsProvider.builder().build();
            var unused = provider.resolveCredentials();
            return provider;
        } catch (SdkClientException | IllegalArgumentException e) {
            String profile = variable(System.getenv(), "AWS_PROFILE").orElse("default");
            throw new OperatorException(
                    "no AWS credentials were found in the environment or in profile " + profile
                            + ": sign in (`aws sso login --profile " + profile
                            + "`), then eval \"$(aws configure export-credentials --format env --profile " + profile
                            + ")\"",
                    e);
        }
    }

    private static Optional<String> variable(Map<String, String> variables, String name) {
        return Optional.ofNullable(variables.get(name)).filter(value -> !value.isBlank());
    }
}
