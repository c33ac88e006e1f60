package io.datastream.imaging.load.comparison;

import io.datastream.imaging.local.LocalCloud;
import java.net.URI;
import java.time.Duration;
import java.util.function.Consumer;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;

/** A table for each variant, all like the template's and all of the same capacity. */
record Tables(int recordsPerSecond) {

    private static final int CONNECTIONS = 200;

    LimitedTable limited() {
        SdkHttpClient connections = Apache5HttpClient.builder()
                .maxConnections(CONNECTIONS)
                .socketTimeout(Duration.ofSeconds(10))
                .build();
        return new LimitedTable(connections, recordsPerSecond);
    }

    static DynamoDbClient client(
            URI endpoint, LimitedTable table, Consumer<ClientOverrideConfiguration.Builder> override) {
        return DynamoDbClient.builder()
                .endpointOverride(endpoint)
                .region(Region.of(LocalCloud.REGION))
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .httpClient(table)
                .overrideConfiguration(override)
                .build();
    }

    /** Creates a table with the keys and the index of the template's. */
    static void createLikeTemplates(LocalCloud cloud, String name) {
        DynamoDbClient dynamoDb = cloud.dynamoDb();
        TableDescription template = dynamoDb.describeTable(
                        describe -> describe.tableName(cloud.outputs().get("TableName")))
                .table();
        dynamoDb.createTable(create -> create.tableName(name)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(template.attributeDefinitions())
                .keySchema(template.keySchema())
                .globalSecondaryIndexes(template.globalSecondaryIndexes().stream()
                        .map(index -> GlobalSecondaryIndex.builder()
                                .indexName(index.indexName())
                                .keySchema(index.keySchema())
                                .projection(index.projection())
                                .build())
                        .toList()));
    }
}
