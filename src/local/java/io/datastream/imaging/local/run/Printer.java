package io.datastream.imaging.local.run;

import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.local.UploadedObject;
import io.datastream.imaging.metadata.ImageMetadataTable;
import java.io.PrintStream;
import java.net.URI;
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
    private boolean closed;

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

    /** Prints commands that upload a file, read its record, look into the dead-letter queue and change the run. */
    synchronized void commands(LocalCloud cloud, ConnectionFiles files, URI control) {
        out.printf(
                """
                To use it from another shell of this folder, paste the first line, then any other:
                  . %1$s
                  aws s3 cp src/test/resources/samples/patient-0002.dcm s3://%2$s/ward-7/patient-0099_hip.dcm
                  aws dynamodb query --table-name %3$s --key-condition-expression 'fileKey = :k' --expression-attribute-values '{":k": {"S": "ward-7/patient-0099_hip.dcm"}}'
                  aws dynamodb query --table-name %3$s --index-name PatientUploads --key-condition-expression 'patientId = :p' --expression-attribute-values '{":p": {"S": "0099"}}'
                  java -jar target/imaging.jar dlq inspect --outputs %4$s
                To change the pattern of patient IDs while it runs, and to switch an outage of DynamoDB on (or off):
                  curl -X PUT --data-raw 'scan-(?<patientId>[0-9]+)\\.dcm' %5$s/pattern
                  curl -X PUT --data-raw on %5$s/outage
                To erase the bucket's notification, and to have the uploads that follow found by an inventory:
                  aws s3api put-bucket-notification-configuration --bucket %2$s --notification-configuration '{}'
                  curl -X PUT %5$s/inventory

                """,
                files.variables(),
                cloud.outputs().get("BucketName"),
                cloud.outputs().get("TableName"),
                files.outputs(),
                control);
    }

    synchronized void deadLetters(int count) {
        line(count == 0 ? "the dead-letter queue is empty" : "messages in the dead-letter queue: %,d".formatted(count));
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
        if (!closed) {
            out.println(text);
        }
    }

    /** Prints no further line. */
    synchronized void close() {
        closed = true;
    }

    static String duration(Duration duration) {
        return duration.compareTo(Duration.ofMinutes(2)) < 0
                ? duration.toSeconds() + " s"
                : duration.toMinutes() + " min " + duration.toSecondsPart() + " s";
    }

    private static String text(AttributeValue value) {
        return switch (value.type()) {
            case S -> value.s();
            case N -> value.n();
            default -> value.toString();
        };
    }
}
