package io.datastream.imaging.cloudformation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the function's role may do, as IAM would decide: no policy but its own speaks of it. */
class FunctionRoleTest {
    private static final Pipeline PIPELINE = Pipeline.of(Pipeline.template(), Map.of());
    private static final String TABLE = "table/ImageMetadata";
    private static final List<PolicyStatement> STATEMENTS =
            PolicyStatement.of(PIPELINE.resource("FunctionPolicy")).toList();

    @ParameterizedTest
    @CsvSource({
        "sqs:ReceiveMessage, imaging-uploads",
        "sqs:DeleteMessage, imaging-uploads",
        "sqs:GetQueueAttributes, imaging-uploads",
        "dynamodb:BatchWriteItem, " + TABLE,
        "logs:CreateLogStream, log-group:imaging-FunctionLogs:log-stream:1",
        "logs:PutLogEvents, log-group:imaging-FunctionLogs:log-stream:1",
    })
    void mayDoWhatItNeeds(String action, String resource) {
        assertThat(isAllowed(action, arn(action, resource), Map.of())).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "sqs:SendMessage, imaging-uploads",
        "sqs:PurgeQueue, imaging-uploads",
        "sqs:ReceiveMessage, imaging-dead-letters",
        "sqs:DeleteMessage, imaging-dead-letters",
        "sqs:ReceiveMessage, imaging-undelivered",
        "dynamodb:GetItem, " + TABLE,
        "dynamodb:PutItem, " + TABLE,
        "dynamodb:DeleteItem, " + TABLE,
        "dynamodb:Query, " + TABLE,
        "dynamodb:Scan, " + TABLE,
        "dynamodb:Query, " + TABLE + "/index/PatientUploads",
        "dynamodb:DeleteTable, " + TABLE,
        "dynamodb:BatchWriteItem, table/ImageMetadata2",
        "sns:Publish, imaging-uploads",
        "logs:CreateLogGroup, log-group:imaging-FunctionLogs",
        "logs:PutLogEvents, log-group:/aws/lambda/another:log-stream:1",
        "lambda:InvokeFunction, function:imaging-Function",
    })
    void mayDoNothingBeside(String action, String resource) {
        assertThat(isAllowed(action, arn(action, resource), Map.of())).isFalse();
    }

    @Test
    void maySeeNoUpload() {
        assertThat(isAllowed("s3:GetObject", "arn:aws:s3:::radiology-uploads-prod/patient-1.dcm", Map.of()))
                .isFalse();
        assertThat(isAllowed("s3:ListBucket", "arn:aws:s3:::radiology-uploads-prod", Map.of()))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "kms:Decrypt, sqs, true",
        "kms:Decrypt, dynamodb, true",
        "kms:Decrypt, s3, false",
        "kms:Decrypt, '', false",
        "kms:Encrypt, dynamodb, false",
        "kms:GenerateDataKey, sqs, false",
    })
    void usesTheKeyThroughQueueAndTableOnly(String action, String service, boolean allowed) {
        Map<String, String> context =
                service.isEmpty() ? Map.of() : Map.of("kms:ViaService", service + ".eu-central-1.amazonaws.com");
        assertThat(isAllowed(action, PIPELINE.arn("Key"), context)).isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({
        "dynamodb:BatchGetItem, arn:aws:dynamodb:eu-central-1:123456789012:table/ImageMetadata, true",
        "dynamodb:PutItem, arn:aws:dynamodb:eu-central-1:123456789012:table/ImageMetadata, true",
        "dynamodb:BatchWriteItem, arn:aws:dynamodb:eu-central-1:123456789012:table/ImageMetadata, false",
        "dynamodb:UpdateItem, arn:aws:dynamodb:eu-central-1:123456789012:table/ImageMetadata, false",
        "dynamodb:DeleteItem, arn:aws:dynamodb:eu-central-1:123456789012:table/ImageMetadata, false",
        "dynamodb:Scan, arn:aws:dynamodb:eu-central-1:123456789012:table/ImageMetadata, false",
        "s3:GetObject, arn:aws:s3:::imaging-inventorybucket/radiology-uploads-prod/daily/data/1.csv.gz, true",
        "s3:PutObject, arn:aws:s3:::imaging-inventorybucket/radiology-uploads-prod/daily/data/1.csv.gz, false",
        "s3:GetObject, arn:aws:s3:::radiology-uploads-prod/patient-1.dcm, false",
        "s3:ListBucket, arn:aws:s3:::radiology-uploads-prod, false",
        "sqs:SendMessage, arn:aws:sqs:eu-central-1:123456789012:imaging-inventories, true",
        "sqs:SendMessage, arn:aws:sqs:eu-central-1:123456789012:imaging-uploads, false",
        "sqs:ReceiveMessage, arn:aws:sqs:eu-central-1:123456789012:imaging-uploads, false",
    })
    void theReconcileFunctionReadsInventoriesAndPutsRecords(String action, String resourceArn, boolean allowed) {
        assertThat(PolicyStatement.of(PIPELINE.resource("ReconcilePolicy"))
                        .anyMatch(statement -> statement.allows(action, resourceArn, Map.of())))
                .isEqualTo(allowed);
    }

    private static boolean isAllowed(String action, String resourceArn, Map<String, String> context) {
        return STATEMENTS.stream().anyMatch(statement -> statement.allows(action, resourceArn, context));
    }

    private static String arn(String action, String resource) {
        String service = action.substring(0, action.indexOf(':'));
        return "arn:aws:" + service + ":" + Pipeline.REGION + ":" + Pipeline.ACCOUNT + ":" + resource;
    }
}
