package io.datastream.imaging.pipeline;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * Where the services are that the tests call.
 *
 * @param uri of an emulator; null for the SDK's own settings, which are an account's unless {@code AWS_ENDPOINT_URL} is
 *     set
 */
record Endpoint(@Nullable URI uri) {

    /** The address of an emulator, for example {@code http://localhost:4566}. */
    static final String PROPERTY = "endpoint";

    private static final String REGION = "us-east-1";

    /** From the system property {@value #PROPERTY}. */
    static Endpoint ofProperty() {
        String value = System.getProperty(PROPERTY);
        return new Endpoint(value == null ? null : URI.create(value));
    }

    S3Client s3() {
        boolean emulator = uri != null
                || System.getenv("AWS_ENDPOINT_URL") != null
                || System.getenv("AWS_ENDPOINT_URL_S3") != null;
        return configured(S3Client.builder().forcePathStyle(emulator)).build();
    }

    SqsClient sqs() {
        return configured(SqsClient.builder()).build();
    }

    SnsClient sns() {
        return configured(SnsClient.builder()).build();
    }

    DynamoDbClient dynamoDb() {
        return configured(DynamoDbClient.builder()).build();
    }

    LambdaClient lambda() {
        return configured(LambdaClient.builder()).build();
    }

    CloudFormationClient cloudFormation() {
        return configured(CloudFormationClient.builder()).build();
    }

    /** An emulator takes any credentials, so that none need to be set. */
    private <B extends AwsClientBuilder<B, ?> & AwsSyncClientBuilder<B, ?>> B configured(B builder) {
        builder.httpClientBuilder(Apache5HttpClient.builder());
        if (uri == null) {
            return builder;
        }
        if (System.getenv("AWS_ACCESS_KEY_ID") == null) {
            builder.credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")));
        }
        return builder.endpointOverride(uri).region(Region.of(REGION));
    }
}
