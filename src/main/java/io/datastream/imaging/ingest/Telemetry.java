package io.datastream.imaging.ingest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.datastream.imaging.metadata.ImageMetadata;
import io.datastream.imaging.metadata.RecordKey;
import io.datastream.imaging.notification.RejectionReason;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The log of an invocation: one JSON line for each rejected message, one for each cause of unwritten records, and the
 * metrics in CloudWatch's embedded format. It contains message IDs and numbers only, never a name from an event.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html">
 *     Embedded metric format</a>
 */
final class Telemetry {

    /** The namespace of all metrics. */
    static final String NAMESPACE = "ImagingIngest";

    /** The embedded metric format's limit for the values of one metric in one line. */
    private static final int MAXIMUM_VALUES = 100;

    /** Of a batch of 10,000 messages all IDs would make a line of 400 kB, beyond what a log event may have. */
    private static final int MAXIMUM_MESSAGE_IDS = 100;

    private static final JsonFactory JSON = new JsonFactory();
    private static final String FUNCTION_NAME = "FunctionName";
    private static final String REASON = "Reason";

    private record Metric(String name, String unit, List<Long> values) {

        static Metric count(String name, long value) {
            return new Metric(name, "Count", List.of(value));
        }
    }

    @FunctionalInterface
    private interface Fields {
        void writeTo(JsonGenerator json) throws IOException;
    }

    private final InstantSource clock;

    Telemetry(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Reports one invocation.
     *
     * @param functionName the dimension of every metric
     * @param log receives one line at a time
     */
    void report(Batch batch, WriteResult result, String functionName, Consumer<String> log) {
        for (Batch.RejectedMessage rejected : batch.rejectedMessages()) {
            log.accept(line(json -> {
                json.writeStringField("level", "WARN");
                json.writeStringField("event", "message-rejected");
                json.writeStringField("messageId", rejected.messageId());
                json.writeStringField("reason", rejected.reason().label());
            }));
        }
        if (!batch.unreadMessages().isEmpty()) {
            log.accept(line(json -> {
                json.writeStringField("level", "ERROR");
                json.writeStringField("event", "messages-unread");
                writeMessageIds(json, batch.unreadMessages());
            }));
        }
        reportUnwritten(batch, result, log);
        reportMetrics(batch, result, functionName, log);
    }

    private static void reportUnwritten(Batch batch, WriteResult result, Consumer<String> log) {
        Map<String, Set<RecordKey>> keysByCause = new TreeMap<>();
        result.unwritten().forEach((key, cause) -> keysByCause
                .computeIfAbsent(cause, first -> new HashSet<>())
                .add(key));
        keysByCause.forEach((cause, keys) -> log.accept(line(json -> {
            json.writeStringField("level", "ERROR");
            json.writeStringField("event", "records-unwritten");
            json.writeStringField("cause", cause);
            json.writeNumberField("records", keys.size());
            writeMessageIds(json, batch.owners(keys));
        })));
    }

    private static void writeMessageIds(JsonGenerator json, Collection<String> messageIds) throws IOException {
        json.writeNumberField("messages", messageIds.size());
        json.writeArrayFieldStart("messageIds");
        for (String messageId : messageIds.stream().limit(MAXIMUM_MESSAGE_IDS).toList()) {
            json.writeString(messageId);
        }
        json.writeEndArray();
    }

    private void reportMetrics(Batch batch, WriteResult result, String functionName, Consumer<String> log) {
        List<Metric> counts = List.of(
                Metric.count("RecordsWritten", result.written().size()),
                // A message that was not read counts as one record at least.
                Metric.count(
                        "RecordsUnwritten",
                        result.unwritten().size() + batch.unreadMessages().size()),
                Metric.count("EventsIgnored", batch.ignoredEvents()),
                Metric.count("MessagesRejected", batch.rejectedMessages().size()),
                Metric.count("BatchWriteItemCalls", result.calls()),
                Metric.count("UnprocessedRetries", result.unprocessedRetries()));
        log.accept(metricsLine(Map.of(FUNCTION_NAME, functionName), counts));

        Map<RejectionReason, Long> rejections = new EnumMap<>(RejectionReason.class);
        batch.rejectedMessages().forEach(rejected -> rejections.merge(rejected.reason(), 1L, Long::sum));
        rejections.forEach((reason, messages) -> log.accept(metricsLine(
                new TreeMap<>(Map.of(FUNCTION_NAME, functionName, REASON, reason.label())),
                List.of(Metric.count("MessagesRejected", messages)))));

        List<Long> uploads = new ArrayList<>();
        List<Long> replays = new ArrayList<>();
        for (ImageMetadata metadata : batch.records()) {
            Instant written = result.written().get(metadata.key());
            if (written != null) {
                long milliseconds = Math.max(
                        0, Duration.between(metadata.uploadTimestamp(), written).toMillis());
                (batch.isReplayed(metadata.key()) ? replays : uploads).add(milliseconds);
            }
        }
        reportMilliseconds("UploadToRecordMilliseconds", uploads, functionName, log);
        reportMilliseconds("ReplayedUploadToRecordMilliseconds", replays, functionName, log);
    }

    private void reportMilliseconds(String name, List<Long> values, String functionName, Consumer<String> log) {
        for (int from = 0; from < values.size(); from += MAXIMUM_VALUES) {
            List<Long> some = values.subList(from, Math.min(from + MAXIMUM_VALUES, values.size()));
            log.accept(
                    metricsLine(Map.of(FUNCTION_NAME, functionName), List.of(new Metric(name, "Milliseconds", some))));
        }
    }

    private String metricsLine(Map<String, String> dimensions, Collection<Metric> metrics) {
        return line(json -> {
            json.writeObjectFieldStart("_aws");
            json.writeNumberField("Timestamp", clock.millis());
            json.writeArrayFieldStart("CloudWatchMetrics");
            json.writeStartObject();
            json.writeStringField("Namespace", NAMESPACE);
            json.writeArrayFieldStart("Dimensions");
            json.writeStartArray();
            for (String dimension : dimensions.keySet()) {
                json.writeString(dimension);
            }
            json.writeEndArray();
            json.writeEndArray();
            json.writeArrayFieldStart("Metrics");
            for (Metric metric : metrics) {
                json.writeStartObject();
                json.writeStringField("Name", metric.name());
                json.writeStringField("Unit", metric.unit());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
            json.writeEndArray();
            json.writeEndObject();
            for (Map.Entry<String, String> dimension : dimensions.entrySet()) {
                json.writeStringField(dimension.getKey(), dimension.getValue());
            }
            for (Metric metric : metrics) {
                json.writeArrayFieldStart(metric.name());
                for (long value : metric.values()) {
                    json.writeNumber(value);
                }
                json.writeEndArray();
            }
        });
    }

    private static String line(Fields fields) {
        StringWriter line = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(line)) {
            json.writeStartObject();
            fields.writeTo(json);
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException("writing to memory", impossible);
        }
        return line.toString();
    }
}
