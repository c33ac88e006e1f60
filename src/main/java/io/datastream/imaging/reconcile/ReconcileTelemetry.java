package io.datastream.imaging.reconcile;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The log of one message: an error line if something stopped it, and the metrics in CloudWatch's embedded format. It
 * contains no name from an inventory.
 *
 * <p>The metrics are totals of the inventory so far: their maximum is what counts, so a message that is delivered twice
 * changes nothing.
 */
final class ReconcileTelemetry {

    private static final String NAMESPACE = "ImagingIngest";
    private static final String FUNCTION_NAME = "FunctionName";
    private static final String SECONDS = "ReconcileSeconds";
    private static final JsonFactory JSON = new JsonFactory();

    private final InstantSource clock;
    private final String functionName;
    private final Consumer<String> log;

    ReconcileTelemetry(InstantSource clock, String functionName, Consumer<String> log) {
        this.clock = clock;
        this.functionName = functionName;
        this.log = log;
    }

    /**
     * Logs why a message, or an inventory, stopped.
     *
     * @param detail fixed text, a reason or a code, no name
     */
    void error(String event, String messageId, String detail) {
        log.accept(line(json -> {
            json.writeStringField("level", "ERROR");
            json.writeStringField("event", event);
            json.writeStringField("messageId", messageId);
            json.writeStringField("reason", detail);
        }));
    }

    /** Logs the totals of an inventory so far. */
    void totals(ReconcileWork work, boolean isFinished, boolean isCeilingReached) {
        Tally tally = work.tally();
        Map<String, Long> metrics = new LinkedHashMap<>();
        metrics.put("ReconciledRows", tally.compared());
        metrics.put("MissingUploads", tally.missed());
        metrics.put("RepairedUploads", tally.of(Finding.REPAIRED));
        metrics.put("MismatchedUploads", tally.of(Finding.MISMATCHED));
        metrics.put("ObjectsWithoutPatientId", tally.of(Finding.NO_PATIENT_ID));
        metrics.put("UnsupportedObjects", tally.of(Finding.UNSUPPORTED));
        metrics.put("RepairCeilingReached", isCeilingReached ? 1L : 0L);
        metrics.put("InventoriesReconciled", isFinished ? 1L : 0L);
        metrics.put(SECONDS, work.milliseconds() / 1_000);
        log.accept(line(json -> {
            json.writeObjectFieldStart("_aws");
            json.writeNumberField("Timestamp", clock.millis());
            json.writeArrayFieldStart("CloudWatchMetrics");
            json.writeStartObject();
            json.writeStringField("Namespace", NAMESPACE);
            json.writeArrayFieldStart("Dimensions");
            json.writeStartArray();
            json.writeString(FUNCTION_NAME);
            json.writeEndArray();
            json.writeEndArray();
            json.writeArrayFieldStart("Metrics");
            for (String name : metrics.keySet()) {
                json.writeStartObject();
                json.writeStringField("Name", name);
                json.writeStringField("Unit", name.equals(SECONDS) ? "Seconds" : "Count");
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
            json.writeEndArray();
            json.writeEndObject();
            json.writeStringField(FUNCTION_NAME, functionName);
            for (Map.Entry<String, Long> metric : metrics.entrySet()) {
                json.writeNumberField(metric.getKey(), metric.getValue());
            }
            // Not metrics, but properties of the line to search for.
            json.writeStringField("inventory", work.inventory().name());
            json.writeNumberField("rowsTooRecent", tally.of(Finding.TOO_RECENT));
            json.writeNumberField("rowsOutOfScope", tally.of(Finding.OUT_OF_SCOPE));
        }));
    }

    @FunctionalInterface
    private interface Fields {
        void writeTo(JsonGenerator json) throws IOException;
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
