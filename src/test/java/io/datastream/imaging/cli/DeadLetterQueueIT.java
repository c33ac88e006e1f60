package io.datastream.imaging.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.datastream.imaging.deadletter.TestQueue;
import io.datastream.imaging.deadletter.Uploads;
import io.datastream.imaging.local.CloudSettings;
import io.datastream.imaging.local.FunctionCode;
import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.local.template.Template;
import io.datastream.imaging.metadata.ImageMetadata;
import io.datastream.imaging.metadata.ImageMetadataTable;
import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.PatientIdPattern;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/** The real command against the real function: a pattern was wrong, is mended, and the messages come back. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeadLetterQueueIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int OF_EACH_KIND = 2_000;
    private static final String EARLIER_PATTERN = PatientIdPattern.DEFAULT;
    private static final String PATTERN = "(?:patient|pat)-(?<patientId>[0-9]+)(?:_.*)?\\.(?i:dcm)";

    private LocalCloud cloud;
    private ImagingJar imaging;
    private TestQueue deadLetters;
    private TestQueue queue;

    @BeforeAll
    void start() {
        cloud = LocalCloud.start(CloudSettings.of(
                        Template.read(Path.of("cloudformation/pipeline.yaml")),
                        new FunctionCode.Jar(Path.of("target/ingest-function.jar")))
                .withParameter("PatientIdPattern", PATTERN)
                .withParameter("FunctionTimeout", 5));
        imaging = ImagingJar.of(cloud);
        deadLetters = new TestQueue(cloud.sqs(), cloud.outputs().get("DeadLetterQueueUrl"));
        queue = new TestQueue(cloud.sqs(), cloud.outputs().get("QueueUrl"));
    }

    @AfterAll
    void stop() {
        cloud.close();
    }

    @Test
    void afterAPatternIsMendedExactlyTheMessagesThatFailedByItComeBack() throws Exception {
        List<String> withoutPatient = bodies("ward/pat-%05d.dcm");
        List<String> notJson = IntStream.range(0, OF_EACH_KIND)
                .mapToObj("upload of patient-%05d"::formatted)
                .toList();
        List<String> throttled = bodies("throttled/patient-%05d.dcm");
        List<String> recorded = bodies("recorded/patient-%05d.dcm");
        List<String> foreign = IntStream.range(0, OF_EACH_KIND)
                .mapToObj(number -> Uploads.body("foreign/patient-%05d.dcm".formatted(number), "3.0"))
                .toList();
        record(recorded);
        List<String> mixed = new ArrayList<>();
        for (int i = 0; i < OF_EACH_KIND; i++) {
            mixed.addAll(
                    List.of(withoutPatient.get(i), notJson.get(i), throttled.get(i), recorded.get(i), foreign.get(i)));
        }
        SortedMap<String, String> before = deadLetters.send(mixed);

        assertThat(inspect("--pattern", EARLIER_PATTERN))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "no-patient-id", 2_000,
                        "not-json", 2_000,
                        "not-recorded", 2_000,
                        "recorded", 2_000,
                        "foreign-version", 2_000));
        assertThat(inspect("--pattern", PATTERN, "--earlier-pattern", EARLIER_PATTERN))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "not-recorded, formerly no-patient-id", 2_000,
                        "not-json", 2_000,
                        "not-recorded", 2_000,
                        "recorded", 2_000,
                        "foreign-version", 2_000));

        ImagingJar.Result replayed = dlq(
                "replay",
                "--reason",
                "no-patient-id",
                "--rate",
                "500",
                "--pattern",
                PATTERN,
                "--earlier-pattern",
                EARLIER_PATTERN);

        assertThat(replayed).extracting(ImagingJar.Result::exitCode).isEqualTo(0);
        Set<String> expected = new TreeSet<>(keys(recorded));
        expected.addAll(keys(withoutPatient));
        await().atMost(Duration.ofMinutes(1)).until(() -> recordedKeys().size() == expected.size());
        assertThat(recordedKeys()).isEqualTo(expected);
        await().atMost(Duration.ofMinutes(1)).until(() -> queue.visible() + queue.inFlight() == 0);
        SortedMap<String, String> untouched = new TreeMap<>(before);
        untouched.values().removeAll(Set.copyOf(withoutPatient));
        assertThat(deadLetters.takeAll()).isEqualTo(untouched);
    }

    private static List<String> bodies(String keyFormat) {
        return IntStream.range(0, OF_EACH_KIND)
                .mapToObj(keyFormat::formatted)
                .map(Uploads::body)
                .toList();
    }

    private Map<String, Integer> inspect(String... more) throws Exception {
        List<String> options = new ArrayList<>(List.of(more));
        options.add("--json");
        ImagingJar.Result result = dlq("inspect", options.toArray(String[]::new));
        assertThat(result.error()).isEmpty();
        Map<String, Integer> counts = new TreeMap<>();
        for (JsonNode group : JSON.readTree(result.out()).get("groups")) {
            String formerly = group.has("formerly")
                    ? ", formerly " + group.get("formerly").asText()
                    : "";
            counts.put(
                    group.get("diagnosis").asText() + formerly,
                    group.get("messages").asInt());
        }
        assertThat(deadLetters.inFlight()).as("still held").isZero();
        return counts;
    }

    private ImagingJar.Result dlq(String command, String... more) {
        List<String> arguments = new ArrayList<>(List.of("dlq", command));
        arguments.addAll(List.of("--dlq", deadLetters.url(), "--queue", queue.url()));
        arguments.addAll(List.of("--table", cloud.outputs().get("TableName")));
        arguments.addAll(List.of(more));
        return imaging.run(arguments.toArray(String[]::new));
    }

    private void record(List<String> bodies) {
        for (int from = 0; from < bodies.size(); from += 25) {
            List<WriteRequest> puts = uploads(bodies.subList(from, Math.min(from + 25, bodies.size())))
                    .map(upload -> WriteRequest.builder()
                            .putRequest(put -> put.item(ImageMetadataTable.item(upload)))
                            .build())
                    .toList();
            cloud.dynamoDb()
                    .batchWriteItem(request ->
                            request.requestItems(Map.of(cloud.outputs().get("TableName"), puts)));
        }
    }

    private static Set<String> keys(List<String> bodies) {
        return uploads(bodies).map(upload -> upload.key().fileKey()).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<ImageMetadata> uploads(List<String> bodies) {
        MessageReader reader = new MessageReader(PatientIdPattern.compile(PATTERN));
        return bodies.stream().flatMap(body -> reader.read(body).uploads().stream());
    }

    private Set<String> recordedKeys() {
        return cloud
                .dynamoDb()
                .scanPaginator(request -> request.tableName(cloud.outputs().get("TableName")))
                .items()
                .stream()
                .map(item -> ImageMetadataTable.key(item).fileKey())
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
