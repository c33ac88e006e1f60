package io.datastream.imaging.cloudformation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.datastream.imaging.local.template.Stack;
import io.datastream.imaging.local.template.StackSettings;
import io.datastream.imaging.local.template.Template;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The functions' own metrics: what the template's alarms and dashboard read, and what lines of a log contain. */
public final class TemplateMetrics {

    /** What identifies a metric of one function in CloudWatch. */
    public record Metric(String namespace, String name, Set<String> dimensions) {}

    private record Read(String namespace, String name, Map<String, String> dimensions) {}

    private static final ObjectMapper JSON = new ObjectMapper();

    private TemplateMetrics() {}

    /**
     * The metrics of a function that alarms and dashboard read, without those of AWS itself.
     *
     * @param function logical ID in the template
     */
    public static Set<Metric> readOf(String function) throws JsonProcessingException {
        Stack stack = Template.read(Path.of("cloudformation", "pipeline.yaml"))
                .instantiate(new StackSettings(
                        "imaging",
                        "eu-central-1",
                        "123456789012",
                        URI.create("https://sqs.eu-central-1.amazonaws.com"),
                        Map.of()));
        Set<Read> read = new HashSet<>();
        stack.resources("AWS::CloudWatch::Alarm")
                .forEach(alarm -> addAlarmMetrics(alarm.properties().asMap(), read));
        String dashboard = stack.resources("AWS::CloudWatch::Dashboard")
                .getFirst()
                .properties()
                .requiredText("DashboardBody");
        for (JsonNode widget : JSON.readTree(dashboard).get("widgets")) {
            addWidgetMetrics(widget.at("/properties/metrics"), read);
        }
        String functionName = stack.resources("AWS::Lambda::Function").stream()
                .filter(resource -> resource.logicalId().equals(function))
                .map(stack::reference)
                .findFirst()
                .orElseThrow();
        return read.stream()
                .filter(metric -> !metric.namespace().startsWith("AWS/"))
                .filter(metric -> functionName.equals(metric.dimensions().get("FunctionName")))
                .map(metric -> new Metric(
                        metric.namespace(),
                        metric.name(),
                        new TreeSet<>(metric.dimensions().keySet())))
                .collect(Collectors.toSet());
    }

    /**
     * The metrics in lines of the embedded metric format.
     *
     * @param lines each the JSON of a line of a function's log
     */
    public static Set<Metric> emittedIn(List<JsonNode> lines) {
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
    private static void addAlarmMetrics(Object node, Set<Read> metrics) {
        switch (node) {
            case Map<?, ?> map -> {
                if (map.containsKey("MetricName")) {
                    Map<String, String> dimensions = new TreeMap<>();
                    for (Object dimension : (List<?>) map.get("Dimensions")) {
                        Map<?, ?> one = (Map<?, ?>) dimension;
                        dimensions.put(
                                one.get("Name").toString(), one.get("Value").toString());
                    }
                    metrics.add(new Read(
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
    private static void addWidgetMetrics(JsonNode rows, Set<Read> metrics) {
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
            Map<String, String> dimensions = new TreeMap<>();
            for (int name = 2; name < fields.size(); name += 2) {
                dimensions.put(fields.get(name), fields.get(name + 1));
            }
            metrics.add(new Read(fields.get(0), fields.get(1), dimensions));
            above = fields;
        }
    }
}
