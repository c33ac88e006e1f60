package io.datastream.imaging.cloudformation;

import io.datastream.imaging.local.template.PropertyMap;
import io.datastream.imaging.local.template.Resource;
import io.datastream.imaging.local.template.Stack;
import io.datastream.imaging.local.template.StackSettings;
import io.datastream.imaging.local.template.Template;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** The evaluated stack, by the names that its resources bear in the template. */
record Pipeline(Stack stack) {
    static final Path FILE = Path.of("cloudformation", "pipeline.yaml");
    static final String ACCOUNT = "123456789012";
    static final String REGION = "eu-central-1";

    /** A function, the queue that feeds it and what belongs to both, by their logical IDs. */
    record QueuedFunction(
            String function,
            String queue,
            String deadLetterQueue,
            String eventSource,
            String role,
            String logs,
            String version,
            String alias) {}

    static final QueuedFunction INGEST = new QueuedFunction(
            "Function",
            "Queue",
            "DeadLetterQueue",
            "EventSource",
            "FunctionRole",
            "FunctionLogs",
            "FunctionVersion",
            "FunctionAlias");
    static final QueuedFunction RECONCILE = new QueuedFunction(
            "ReconcileFunction",
            "ReconcileQueue",
            "ReconcileDeadLetterQueue",
            "ReconcileEventSource",
            "ReconcileRole",
            "ReconcileLogs",
            "ReconcileVersion",
            "ReconcileAlias");

    /** What a rule says about the one function and the other. */
    static List<String> ofEachFunction(Function<QueuedFunction, List<String>> violations) {
        return Stream.of(INGEST, RECONCILE)
                .flatMap(queued ->
                        violations.apply(queued).stream().map(violation -> queued.function() + ": " + violation))
                .toList();
    }

    static Template template() {
        return Template.read(FILE);
    }

    static Pipeline of(Template template, Map<String, String> parameters) {
        return new Pipeline(template.instantiate(new StackSettings(
                "imaging", REGION, ACCOUNT, URI.create("https://sqs." + REGION + ".amazonaws.com"), parameters)));
    }

    Resource resource(String logicalId) {
        return find(logicalId).orElseThrow(() -> new IllegalArgumentException("no resource " + logicalId));
    }

    Optional<Resource> find(String logicalId) {
        return stack.resources().stream()
                .filter(resource -> resource.logicalId().equals(logicalId))
                .findFirst();
    }

    PropertyMap properties(String logicalId) {
        return resource(logicalId).properties();
    }

    /** The environment variables of a function. */
    PropertyMap variables(QueuedFunction queued) {
        return properties(queued.function())
                .object("Environment")
                .flatMap(environment -> environment.object("Variables"))
                .orElseThrow(() -> new IllegalArgumentException(queued.function() + " has no variables"));
    }

    boolean reconciles() {
        return !variables(RECONCILE).text("RECONCILE_MODE").equals(Optional.of("off"));
    }

    String output(String name) {
        return Optional.ofNullable(stack.outputs().get(name))
                .orElseThrow(() -> new IllegalArgumentException("no output " + name));
    }

    int number(String logicalId, String property) {
        return properties(logicalId).integer(property).orElse(0);
    }

    String arn(String logicalId) {
        Resource resource = resource(logicalId);
        return resource.type().equals("AWS::SNS::Topic") ? stack.reference(resource) : stack.attribute(resource, "Arn");
    }

    List<Resource> ofTypes(String... types) {
        return Stream.of(types).flatMap(type -> stack.resources(type).stream()).toList();
    }

    List<PolicyStatement> statements() {
        return stack.resources().stream().flatMap(PolicyStatement::of).toList();
    }
}
