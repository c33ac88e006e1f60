package io.datastream.imaging.local;

import io.datastream.imaging.local.template.PropertyMap;
import io.datastream.imaging.local.template.Resource;
import io.datastream.imaging.local.template.Stack;
import java.util.List;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.CreateTableRequest;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.Projection;

/** The template's tables. Capacity is not emulated: every table is on demand. */
final class TableResources {
    private final Stack stack;
    private final DynamoDbClient dynamoDb;

    TableResources(Stack stack, DynamoDbClient dynamoDb) {
        this.stack = stack;
        this.dynamoDb = dynamoDb;
    }

    void createTable(Resource table) {
        PropertyMap properties = table.properties();
        CreateTableRequest.Builder request = CreateTableRequest.builder()
                .tableName(stack.reference(table))
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .keySchema(keySchema(properties))
                .attributeDefinitions(properties.objects("AttributeDefinitions").stream()
                        .map(definition -> AttributeDefinition.builder()
                                .attributeName(definition.requiredText("AttributeName"))
                                .attributeType(definition.requiredText("AttributeType"))
                                .build())
                        .toList());
        List<GlobalSecondaryIndex> indexes = properties.objects("GlobalSecondaryIndexes").stream()
                .map(index -> GlobalSecondaryIndex.builder()
                        .indexName(index.requiredText("IndexName"))
                        .keySchema(keySchema(index))
                        .projection(projection(index))
                        .build())
                .toList();
        if (!indexes.isEmpty()) {
            request.globalSecondaryIndexes(indexes);
        }
        try {
            dynamoDb.createTable(request.build());
        } catch (DynamoDbException e) {
            throw properties.error(
                    "KeySchema",
                    "DynamoDB refuses the table: " + e.awsErrorDetails().errorMessage());
        }
    }

    private static List<KeySchemaElement> keySchema(PropertyMap properties) {
        return properties.objects("KeySchema").stream()
                .map(element -> KeySchemaElement.builder()
                        .attributeName(element.requiredText("AttributeName"))
                        .keyType(element.requiredText("KeyType"))
                        .build())
                .toList();
    }

    private static Projection projection(PropertyMap index) {
        PropertyMap projection = index.object("Projection").orElseThrow(() -> index.error("Projection", "is missing"));
        Projection.Builder built = Projection.builder().projectionType(projection.requiredText("ProjectionType"));
        List<String> attributes = projection.texts("NonKeyAttributes");
        return (attributes.isEmpty() ? built : built.nonKeyAttributes(attributes)).build();
    }
}
