package io.datastream.imaging.local.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's first command, with the function's jar. */
class RunPipelineIT {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void everySampleGetsItsRecord() {
        assertThat(run("--once")).isZero();

        assertThat(printed())
                .contains("S3 ", "SQS ", "DynamoDB ", "4 of 4 uploads have their record")
                .contains("fileKey          patient-0003_knee.DCM", "patientId        0003", "fileSize         1082");
        assertThat(err.size()).isZero();
    }

    @Test
    void uploadsWithoutANotificationGetTheirRecordsFromAnInventory() {
        assertThat(run("--once", "--inventory")).isZero();

        assertThat(printed())
                .contains("The bucket's notification is erased.", "an inventory lists 4 versions")
                .contains("reconciled: 4 rows, 4 missing, 4 repaired", "4 of 4 uploads have their record")
                .contains("recordedBy       reconcile");
    }

    @Test
    void aFolderIsUploadedWithItsFoldersAndWhatIsMissingIsNamed(@TempDir Path folder) throws IOException {
        Files.createDirectories(folder.resolve("ward 7/ü+%"));
        Files.write(folder.resolve("ward 7/ü+%/patient-42_large.dcm"), new byte[(8 << 20) + 1]);
        Files.writeString(folder.resolve("readme.txt"), "x");
        Files.writeString(folder.resolve("nobody.dcm"), "x");

        assertThat(run("--once", "--upload", folder.toString(), "--patience", "20"))
                .isEqualTo(1);

        assertThat(printed())
                .contains("fileKey          ward 7/ü+%/patient-42_large.dcm", "fileSize         8388609")
                .contains("no record will come: no notification filter of the bucket matches readme.txt")
                .contains("\"reason\":\"no-patient-id\"")
                .contains("no record: readme.txt", "no record: nobody.dcm", "1 of 3 uploads have their record");
    }

    @Test
    void tableKeysThatAreSwappedAreNamedAsTheCause(@TempDir Path folder) throws IOException {
        Path template = changed(
                folder,
                """
                    - {AttributeName: fileKey, KeyType: HASH}
                    - {AttributeName: uploadId, KeyType: RANGE}
            """,
                """
                    - {AttributeName: uploadId, KeyType: HASH}
                    - {AttributeName: fileKey, KeyType: RANGE}
            """);

        assertThat(run("--once", "--template", template.toString())).isEqualTo(1);

        assertThat(printed()).contains("the table cannot be searched for records by fileKey: DynamoDB: ");
    }

    @Test
    void theCauseOfAFailedWriteIsShown(@TempDir Path folder) throws IOException {
        Path template = changed(folder, "TABLE_NAME: !Ref TableName", "TABLE_NAME: Misspelt");

        assertThat(run("--once", "--patience", "20", "--template", template.toString()))
                .isEqualTo(1);

        assertThat(printed()).contains("\"event\":\"records-unwritten\"", "ResourceNotFoundException");
    }

    @Test
    void aMessageThatIsNotDeliveredIsAFailureAlthoughEveryUploadHasItsRecord(@TempDir Path folder)
            throws IOException, InterruptedException {
        Path template = changed(
                folder,
                "\n  Subscription:\n",
                """

              SecondSubscription:
                Type: AWS::SNS::Subscription
                Properties: {TopicArn: !Ref Topic, Protocol: sqs, Endpoint: !GetAtt DeadLetterQueue.Arn}

              Subscription:
            """);

        assertThat(run("--once", "--template", template.toString())).isEqualTo(1);

        assertThat(printed())
                .contains("4 of 4 uploads have their record")
                .contains(
                        "Resources.SecondSubscription.Properties: undelivered, sns.amazonaws.com may not sqs:SendMessage");
    }

    private static Path changed(Path folder, String place, String replacement) throws IOException {
        String template = Files.readString(Path.of("cloudformation/pipeline.yaml"));
        assertThat(template).contains(place);
        return Files.writeString(folder.resolve("pipeline.yaml"), template.replace(place, replacement));
    }

    private int run(String... arguments) {
        return RunPipeline.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                arguments);
    }

    private String printed() {
        return out.toString(StandardCharsets.UTF_8);
    }
}
