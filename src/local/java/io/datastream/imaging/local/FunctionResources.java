package io.datastream.imaging.local;

import io.datastream.imaging.local.lambda.EventSourceConfiguration;
import io.datastream.imaging.local.lambda.EventSourcePoller;
import io.datastream.imaging.local.lambda.FunctionConfiguration;
import io.datastream.imaging.local.lambda.FunctionFleet;
import io.datastream.imaging.local.template.PropertyMap;
import io.datastream.imaging.local.template.Resource;
import io.datastream.imaging.local.template.Stack;
import io.datastream.imaging.local.template.TemplateException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import software.amazon.awssdk.services.sqs.SqsClient;

/** The template's functions, their versions and aliases, and the event sources that invoke them. */
final class FunctionResources implements AutoCloseable {
    private static final String UNPUBLISHED = "$LATEST";
    private static final int DEFAULT_BATCH_SIZE = 10;
    /** Lambda's own limit, where a mapping does not set one. */
    private static final int DEFAULT_MAXIMUM_CONCURRENCY = 1_000;

    private final Stack stack;
    private final CloudSettings settings;
    private final Map<String, String> endpoints;
    private final Consumer<String> log;
    private final Map<String, Resource> functions = new LinkedHashMap<>();
    /** Of versions and aliases: function name and qualifier, as in an ARN. */
    private final Set<String> qualified = new HashSet<>();

    /** With the logical ID of the function. */
    private final Map<FunctionFleet, String> fleets = new LinkedHashMap<>();

    private final List<EventSourcePoller> pollers = new ArrayList<>();

    /** @param endpoints variables that every function gets besides its own */
    FunctionResources(Stack stack, CloudSettings settings, Map<String, String> endpoints, Consumer<String> log) {
        this.stack = stack;
        this.settings = settings;
        this.endpoints = endpoints;
        this.log = log;
    }

    void addFunction(Resource function) {
        functions.put(stack.reference(function), function);
    }

    /** Adds a version or an alias; what it says about the function is not emulated. */
    void addQualifier(Resource versionOrAlias) {
        qualified.add(afterFunction(stack.reference(versionOrAlias)));
    }

    void createEventSource(Resource mapping, MessagingResources messaging, SqsClient sqs) {
        PropertyMap properties = mapping.properties();
        String queueArn = properties.requiredText("EventSourceArn");
        String queueUrl = messaging
                .queueUrl(queueArn)
                .orElseThrow(() -> properties.error("EventSourceArn", "there is no such queue"));
        FunctionFleet fleet = fleet(properties);
        try {
            EventSourceConfiguration configuration = new EventSourceConfiguration(
                    properties.integer("BatchSize").orElse(DEFAULT_BATCH_SIZE),
                    Duration.ofSeconds(
                            properties.integer("MaximumBatchingWindowInSeconds").orElse(0)),
                    properties
                            .object("ScalingConfig")
                            .flatMap(scaling -> scaling.integer("MaximumConcurrency"))
                            .orElse(DEFAULT_MAXIMUM_CONCURRENCY),
                    properties.texts("FunctionResponseTypes").contains("ReportBatchItemFailures"),
                    properties.bool("Enabled").orElse(true));
            pollers.add(EventSourcePoller.start(sqs, queueUrl, queueArn, configuration, fleet, log));
        } catch (IllegalArgumentException e) {
            throw new TemplateException(properties.place(), e.getMessage());
        }
    }

    /** Deploys each function as it is in this stack. */
    void deploy(Stack updated) {
        fleets.forEach((fleet, logicalId) -> updated.resources("AWS::Lambda::Function").stream()
                .filter(function -> function.logicalId().equals(logicalId))
                .forEach(function -> {
                    FunctionConfiguration former = fleet.configuration();
                    FunctionConfiguration configuration = configuration(function, former.name(), former.version());
                    fleet.deploy(configuration, () -> settings.function().start(configuration, log));
                }));
    }

    List<FunctionFleet> fleets() {
        return List.copyOf(fleets.keySet());
    }

    List<EventSourcePoller> eventSources() {
        return List.copyOf(pollers);
    }

    /** The environments of the function that a mapping names: by name or ARN, perhaps with a qualifier. */
    private FunctionFleet fleet(PropertyMap mapping) {
        String reference = afterFunction(mapping.requiredText("FunctionName"));
        String name = reference.split(":", 2)[0];
        boolean hasQualifier = reference.contains(":") && !reference.endsWith(":" + UNPUBLISHED);
        if (!functions.containsKey(name) || hasQualifier && !qualified.contains(reference)) {
            throw mapping.error("FunctionName", "there is no such function, version or alias");
        }
        Resource function = functions.get(name);
        FunctionConfiguration configuration = configuration(function, name, hasQualifier ? "1" : UNPUBLISHED);
        int reserved =
                function.properties().integer("ReservedConcurrentExecutions").orElse(Integer.MAX_VALUE);
        int limit = Math.max(1, Math.min(settings.executionEnvironments(), reserved));
        FunctionFleet fleet = new FunctionFleet(
                configuration, limit, () -> settings.function().start(configuration, log));
        fleets.put(fleet, function.logicalId());
        return fleet;
    }

    private FunctionConfiguration configuration(Resource function, String name, String version) {
        PropertyMap properties = function.properties();
        Map<String, String> environment = new HashMap<>();
        properties.object("Environment").flatMap(it -> it.object("Variables")).ifPresent(variables -> variables
                .asMap()
                .keySet()
                .forEach(variable -> environment.put(variable, variables.requiredText(variable))));
        environment.putAll(endpoints);
        try {
            return new FunctionConfiguration(
                    name,
                    version,
                    properties.requiredText("Handler"),
                    properties.integer("MemorySize").orElse(128),
                    Duration.ofSeconds(properties.integer("Timeout").orElse(3)),
                    environment);
        } catch (IllegalArgumentException e) {
            throw new TemplateException(properties.place(), e.getMessage());
        }
    }

    private static String afterFunction(String reference) {
        return reference.startsWith("arn:") ? reference.split(":", 7)[6] : reference;
    }

    @Override
    public void close() {
        pollers.forEach(EventSourcePoller::close);
        fleets.keySet().forEach(FunctionFleet::close);
    }
}
