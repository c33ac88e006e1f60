package io.datastream.imaging.local.run;

import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.local.UploadedObject;
import io.datastream.imaging.metadata.ImageMetadataTable;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Prints what the user sees. Safe for use by many threads. */
final class Printer {
    private static final List<String> ATTRIBUTES = List.of(
            ImageMetadataTable.FILE_KEY,
            ImageMetadataTable.UPLOAD_ID,
            ImageMetadataTable.PATIENT_ID,
            ImageMetadataTable.UPLOAD_TIMESTAMP,
            ImageMetadataTable.FILE_SIZE,
            ImageMetadataTable.BUCKET_NAME,
            ImageMetadataTable.E_TAG,
            ImageMetadataTable.VERSION_ID,
            ImageMetadataTable.SEQUENCER);

    private final PrintStream out;

    Printer(PrintStream out) {
        this.out = out;
    }

    synchronized void started(LocalCloud cloud, Path template, Duration startUp) {
        out.printf("%s runs here, up after %,d ms.%n", template, startUp.toMillis());
        out.println("  S3        " + cloud.s3Endpoint());
        out.println("  SQS       " + cloud.sqsEndpoint());
        out.println("  DynamoDB  " + cloud.dynamoDbEndpoint());
        if (!cloud.skipped().isEmpty()) {
            out.println("  In the template, not emulated: " + String.join(", ", cloud.skipped()));
        }
        out.println();
    }

    /** Prints commands that upload a file and read its record. */
    synchronized void commands(LocalCloud cloud) {
        Map<String, String> outputs = cloud.outputs();
        out.printf(
                """
                To try it from another shell:
                  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=%1$s
                  aws --endpoint-url %2$s s3 cp src/test/resources/samples/patient-0002.dcm s3://%3$s/ward-7/patient-0099_hip.dcm
                  aws --endpoint-url %4$s dynamodb query --table-name %5$s --key-condition-expression 'fileKey = :k' --expression-attribute-values '{":k": {"S": "ward-7/patient-0099_hip.dcm"}}'
                  aws --endpoint-url %4$s dynamodb query --table-name %5$s --index-name PatientUploads --key-condition-expression 'patientId = :p' --expression-attribute-values '{":p": {"S": "0099"}}'

                """,
                LocalCloud.REGION,
                cloud.s3Endpoint(),
                outputs.get("BucketName"),
                cloud.dynamoDbEndpoint(),
                outputs.get("TableName"));
    }

    synchronized void recorded(UploadedObject upload, Map<String, AttributeValue> item, Duration uploadToRecord) {
        out.printf("record after %,d ms%n", uploadToRecord.toMillis());
        Stream.concat(
                        ATTRIBUTES.stream().filter(item::containsKey),
                        item.keySet().stream()
                                .filter(attribute -> !ATTRIBUTES.contains(attribute))
                                .sorted())
                .forEach(attribute -> out.printf("  %-16s %s%n", attribute, text(item.get(attribute))));
    }

    synchronized void line(String text) {
        out.println(text);
    }

    private static String text(AttributeValue value) {
        return switch (value.type()) {
            case S -> value.s();
            case N -> value.n();
            default -> value.toString();
        };
    }
}
