package io.datastream.imaging.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.datastream.imaging.cloudformation.TemplateMetrics;
import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.PatientIdPattern;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The metrics of an invocation, and what the template's alarms and dashboard read of them. */
class MetricsTest {

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
        Set<TemplateMetrics.Metric> read = TemplateMetrics.readOf("Function");

        assertThat(TemplateMetrics.emittedIn(lines)).containsAll(read);
        assertThat(read)
                .extracting(TemplateMetrics.Metric::name)
                .contains("RecordsUnwritten", "UploadToRecordMilliseconds", "RecordsWritten", "MessagesRejected");
    }

    private static SQSMessage message(String id, String body) {
        SQSMessage message = new SQSMessage();
        message.setMessageId(id);
        message.setBody(body);
        return message;
    }
}
