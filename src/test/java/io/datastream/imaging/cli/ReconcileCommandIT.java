package io.datastream.imaging.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.datastream.imaging.cli.ImagingJar.Result;
import io.datastream.imaging.local.CloudSettings;
import io.datastream.imaging.local.FunctionCode;
import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.local.template.Template;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The command on a bucket whose uploads have no record, because no function runs. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReconcileCommandIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    private Path folder;

    private LocalCloud cloud;

    @BeforeAll
    void start(@TempDir Path temporary) throws IOException {
        folder = temporary;
        cloud = LocalCloud.start(CloudSettings.of(
                        Template.read(Path.of("cloudformation/pipeline.yaml")),
                        new FunctionCode.InProcess(environment -> (event, context) -> new SQSBatchResponse(List.of())))
                .withParameter("EventSourceEnabled", false)
                .withParameter("ReconcileMode", "off"));
        Files.writeString(
                folder.resolve("local.env"),
                "export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=%s AWS_ENDPOINT_URL_S3=%s AWS_ENDPOINT_URL_DYNAMODB=%s"
                        .formatted(LocalCloud.REGION, cloud.s3Endpoint(), cloud.dynamoDbEndpoint()));
        JSON.writeValue(
                folder.resolve("local-outputs.json").toFile(),
                Map.of(
                        "Stacks",
                        List.of(Map.of(
                                "Parameters",
                                List.of(Map.of(
                                        "ParameterKey",
                                        "PatientIdPattern",
                                        "ParameterValue",
                                        "patient-(?<patientId>[0-9]+)\\.dcm")),
                                "Outputs",
                                cloud.outputs().entrySet().stream()
                                        .map(output ->
                                                Map.of("OutputKey", output.getKey(), "OutputValue", output.getValue()))
                                        .toList()))));
        IntStream.range(0, 120).forEach(number -> upload("ward 7/patient-%05d.dcm".formatted(number)));
        upload("ward 7/patient-00001.dcm"); // a second version
        upload("ward 8/patient-00200.dcm");
        upload("ward 8/notes.txt");
        cloud.s3().deleteObject(request -> request.bucket(bucket()).key("ward 7/patient-00002.dcm"));
    }

    @AfterAll
    void stop() {
        cloud.close();
    }

    @AfterEach
    void emptyTable() {
        items().forEach(item -> cloud.dynamoDb()
                .deleteItem(request -> request.tableName(cloud.outputs().get("TableName"))
                        .key(Map.of("fileKey", item.get("fileKey"), "uploadId", item.get("uploadId")))));
    }

    private String bucket() {
        return cloud.outputs().get("BucketName");
    }

    private void upload(String key) {
        cloud.s3().putObject(request -> request.bucket(bucket()).key(key), RequestBody.fromString("image"));
    }

    private List<Map<String, AttributeValue>> items() {
        return cloud
                .dynamoDb()
                .scanPaginator(request -> request.tableName(cloud.outputs().get("TableName")))
                .items()
                .stream()
                .toList();
    }

    private Result run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter error = new StringWriter();
        List<String> all = new ArrayList<>(List.of("reconcile", "--local=" + folder));
        all.addAll(List.of(arguments));
        int exitCode = ImagingCommand.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(error))
                .execute(all.toArray(String[]::new));
        return new Result(exitCode, out.toString(), error.toString());
    }

    private JsonNode json(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--json");
        return JSON.readTree(run(all.toArray(String[]::new)).out());
    }

    @Test
    void findsAndRepairsByTheNewestInventory() throws IOException {
        cloud.inventory(Instant.now().plus(Duration.ofHours(3)), 50);

        JsonNode before = json();
        assertThat(before.get("exitCode").asInt()).isEqualTo(1);
        assertThat(before.at("/result/missing").asInt()).isEqualTo(122);
        assertThat(before.at("/result/outOfScope").asInt()).isEqualTo(2);
        assertThat(before.at("/result/complete").asBoolean()).isTrue();
        assertThat(before.toString()).doesNotContain("patient-0");

        JsonNode repaired = json("--repair");
        assertThat(repaired.get("exitCode").asInt()).isZero();
        assertThat(repaired.at("/result/repaired").asInt()).isEqualTo(122);
        assertThat(items()).hasSize(122);

        Result after = run();
        assertThat(after.exitCode()).isZero();
        assertThat(after.out()).contains("122  recorded");
    }

    @Test
    void aListingNeedsNoInventory() throws IOException {
        assertThat(json("--list").at("/result/tooRecent").asInt()).isEqualTo(122);

        JsonNode missing = json("--list", "--cut-off", "1s", "--key-prefix", "ward 8/", "--reveal");
        assertThat(missing.at("/result/missing").asInt()).isEqualTo(1);
        assertThat(missing.at("/result/listed/0/key").asText()).isEqualTo("ward 8/patient-00200.dcm");

        Path position = folder.resolve("position");
        JsonNode repaired = json("--list", "--cut-off=1s", "--repair", "--rate=100000", "--position=" + position);
        assertThat(repaired.at("/result/repaired").asInt()).isEqualTo(122);
        assertThat(position).doesNotExist();
        assertThat(items()).hasSize(122);
    }

    @Test
    void aListingGoesOnWhereItStopped() throws IOException {
        Path position = folder.resolve("position");
        Files.writeString(position, "{\"key\":\"ward 7/patient-00119.dcm\",\"versionId\":null}");

        assertThat(json("--list", "--cut-off=1s", "--position=" + position)
                        .at("/result/missing")
                        .asInt())
                .isEqualTo(1);
    }

    @Test
    void countsRecordsWhoseObjectIsGone() throws IOException {
        upload("ward 9/patient-00300.dcm");
        await().atMost(Duration.ofSeconds(30))
                .until(() -> json("--list", "--cut-off=1s", "--repair")
                                .at("/result/tooRecent")
                                .asInt()
                        == 0);
        cloud.s3()
                .listObjectVersions(request -> request.bucket(bucket()).prefix("ward 9/"))
                .versions()
                .forEach(version -> cloud.s3()
                        .deleteObject(request ->
                                request.bucket(bucket()).key(version.key()).versionId(version.versionId())));

        JsonNode counted = json("--list", "--cut-off=1s", "--orphans");

        assertThat(counted.at("/result/orphans").asInt()).isEqualTo(1);
        assertThat(counted.get("exitCode").asInt()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--manifest s3://inventories/a/2026-11-27T01-00Z/manifest.json --list",
                "--manifest inventories",
                "--key-prefix ward",
                "--position file",
                "--rate 5",
                "--repair --rate 0",
                "--list --position file --orphans",
                "--pattern [",
            })
    void wrongUsageEndsWithCode2(String arguments) {
        Result result = run(arguments.split(" "));

        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.error()).startsWith("imaging: ").hasLineCount(1);
    }

    @Test
    void anInventoryThatIsNotThereIsRefused() {
        Result result = run(
                "--manifest",
                "s3://" + cloud.outputs().get("InventoryBucketName") + "/a/2026-11-27T01-00Z/manifest.json");

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.error()).contains("the inventory cannot be used: manifest-missing");
    }
}
