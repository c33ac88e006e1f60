package io.datastream.imaging.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.datastream.imaging.local.template.Stack;
import io.datastream.imaging.local.template.StackSettings;
import io.datastream.imaging.local.template.Template;
import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.PatientIdPattern;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The metrics of an invocation, and what the template's alarms and dashboard read of them. */
class MetricsTest {

    /** A metric as CloudWatch tells metrics apart. */
    private record Metric(String namespace, String name, Set<String> dimensions) {}

    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<JsonNode> lines = new ArrayList<>();

    /** One message of every kind: recorded, replayed, ignored, rejected, not written. */
    @BeforeEach
    void invokeTheFunction() throws JsonProcessingException {
        FakeTime time = new FakeTime();
        FakeDynamoDb table = new FakeDynamoDb();
        table.always(FakeDynamoDb.invalidIf(key -> key.fileKey().equals("patient-3.dcm")));
        IngestHandler handler = new IngestHandler(
                new MessageReader(PatientIdPattern.compile(PatientIdPattern.DEFAULT)),
                new BatchWriter(
                        table,
                        FakeDynamoDb.TABLE,
                        Runnable::run,
                        new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2), new Random(1)),
                        time,
                        time),
                time);
        SQSMessage replayed = message("m-2", IngestHandlerTest.upload("patient-2.dcm", "v1", 1));
        replayed.setAttributes(Map.of(
                "SentTimestamp",
                Long.toString(FakeTime.START.plus(Duration.ofDays(1)).toEpochMilli())));
        SQSEvent event = new SQSEvent();
        event.setRecords(List.of(
                message("m-1", IngestHandlerTest.upload("patient-1.dcm", "v1", 1)),
                replayed,
                message("m-3", IngestHandlerTest.upload("patient-3.dcm", "v1", 1)),
                message("m-4", "{\"Event\": \"s3:TestEvent\"}"),
                message("m-5", "no JSON")));
        List<String> log = new ArrayList<>();
        handler.handle(event, Duration.ofSeconds(20), "imaging-ingest", log::add);
        for (String line : log) {
            lines.add(JSON.readTree(line));
        }
    }

    @Test
    void areLinesInTheEmbeddedMetricFormat() throws JsonProcessingException {
        assertThat(lines.stream().filter(line -> line.has("_aws")).toList())
                .containsExactly(
                        metrics(
                                """
                                "Dimensions": [["FunctionName"]], "Metrics": [
                                  {"Name": "RecordsWritten", "Unit": "Count"},
                                  {"Name": "RecordsUnwritten", "Unit": "Count"},
                                  {"Name": "EventsIgnored", "Unit": "Count"},
                                  {"Name": "MessagesRejected", "Unit": "Count"},
                                  {"Name": "BatchWriteItemCalls", "Unit": "Count"},
                                  {"Name": "UnprocessedRetries", "Unit": "Count"}]""",
                                """
                                "RecordsWritten": [2], "RecordsUnwritten": [1], "EventsIgnored": [1],
                                "MessagesRejected": [1], "BatchWriteItemCalls": [4], "UnprocessedRetries": [0]"""),
                        metrics(
                                """
                                "Dimensions": [["FunctionName", "Reason"]],
                                "Metrics": [{"Name": "MessagesRejected", "Unit": "Count"}]""",
                                """
                                "Reason": "not-json", "MessagesRejected": [1]"""),
                        metrics(
                                """
                                "Dimensions": [["FunctionName"]],
                                "Metrics": [{"Name": "UploadToRecordMilliseconds", "Unit": "Milliseconds"}]""",
                                """
                                "UploadToRecordMilliseconds": [1000]"""),
                        metrics(
                                """
                                "Dimensions": [["FunctionName"]],
                                "Metrics": [{"Name": "ReplayedUploadToRecordMilliseconds", "Unit": "Milliseconds"}]""",
                                """
                                "ReplayedUploadToRecordMilliseconds": [1000]"""));
    }

    private static JsonNode metrics(String directive, String values) throws JsonProcessingException {
        return JSON.readTree(
                """
                {"_aws": {"Timestamp": %d, "CloudWatchMetrics": [{"Namespace": "ImagingIngest", %s}]},
                 "FunctionName": "imaging-ingest", %s}"""
                        .formatted(FakeTime.START.toEpochMilli(), directive, values));
    }

    @Test
    void includeAllThatAlarmsAndDashboardRead() throws JsonProcessingException {
        Set<Metric> read = new HashSet<>();
        Stack stack = Template.read(Path.of("cloudformation", "pipeline.yaml"))
                .instantiate(new StackSettings(
                        "imaging",
                        "eu-central-1",
                        "123456789012",
                        URI.create("https://sqs.eu-central-1.amazonaws.com"),
                        Map.of()));
        stack.resources("AWS::CloudWatch::Alarm")
                .forEach(alarm -> addAlarmMetrics(alarm.properties().asMap(), read));
        String dashboard = stack.resources("AWS::CloudWatch::Dashboard")
                .getFirst()
                .properties()
                .requiredText("DashboardBody");
        for (JsonNode widget : JSON.readTree(dashboard).get("widgets")) {
            addWidgetMetrics(widget.at("/properties/metrics"), read);
        }
        read.removeIf(metric -> metric.namespace().startsWith("AWS/"));

        assertThat(emitted()).containsAll(read);
        assertThat(read)
                .extracting(Metric::name)
                .contains("RecordsUnwritten", "UploadToRecordMilliseconds", "RecordsWritten", "MessagesRejected");
    }

    private Set<Metric> emitted() {
        Set<Metric> emitted = new HashSet<>();
        for (JsonNode line : lines) {
            for (JsonNode directive : line.at("/_aws/CloudWatchMetrics")) {
                Set<String> dimensions = new TreeSet<>();
                directive.get("Dimensions").get(0).forEach(dimension -> dimensions.add(dimension.asText()));
                directive
                        .get("Metrics")
                        .forEach(metric -> emitted.add(new Metric(
                                directive.get("Namespace").asText(),
                                metric.get("Name").asText(),
                                dimensions)));
            }
        }
        return emitted;
    }

    /** An alarm names a metric in its own properties, or in any of those that it computes with. */
    private static void addAlarmMetrics(Object node, Set<Metric> metrics) {
        switch (node) {
            case Map<?, ?> map -> {
                if (map.containsKey("MetricName")) {
                    Set<String> dimensions = new TreeSet<>();
                    for (Object dimension : (List<?>) map.get("Dimensions")) {
                        dimensions.add(((Map<?, ?>) dimension).get("Name").toString());
                    }
                    metrics.add(new Metric(
                            map.get("Namespace").toString(),
                            map.get("MetricName").toString(),
                            dimensions));
                }
                map.values().forEach(value -> addAlarmMetrics(value, metrics));
            }
            case List<?> list -> list.forEach(element -> addAlarmMetrics(element, metrics));
            default -> {}
        }
    }

    /**
     * Rows of namespace, metric, and dimensions by name and value; "." repeats the field above, "..." all of them. An
     * object with options may follow.
     *
     * @see <a href="https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html">
     *     Dashboard body</a>
     */
    private static void addWidgetMetrics(JsonNode rows, Set<Metric> metrics) {
        List<String> above = List.of();
        for (JsonNode row : rows) {
            List<String> fields = new ArrayList<>();
            for (JsonNode field : row) {
                if (field.isTextual()) {
                    switch (field.asText()) {
                        case "..." -> fields.addAll(above);
                        case "." -> fields.add(above.get(fields.size()));
                        default -> fields.add(field.asText());
                    }
                }
            }
            Set<String> dimensions = new TreeSet<>();
            for (int name = 2; name < fields.size(); name += 2) {
                dimensions.add(fields.get(name));
            }
            metrics.add(new Metric(fields.get(0), fields.get(1), dimensions));
            above = fields;
        }
    }

    private static SQSMessage message(String id, String body) {
        SQSMessage message = new SQSMessage();
        message.setMessageId(id);
        message.setBody(body);
        return message;
    }
}
