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
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
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

    /** By the logical ID of the function. */
    private final Map<String, FunctionFleet> fleets = new LinkedHashMap<>();

    /** By the logical ID of the function. */
    private final Map<String, EventSourcePoller> pollers = new LinkedHashMap<>();

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

    /** Starts to poll, unless the code of the function is not given: then false. */
    boolean createEventSource(Resource mapping, MessagingResources messaging, SqsClient sqs) {
        PropertyMap properties = mapping.properties();
        String queueArn = properties.requiredText("EventSourceArn");
        String queueUrl = messaging
                .queueUrl(queueArn)
                .orElseThrow(() -> properties.error("EventSourceArn", "there is no such queue"));
        Resource function = function(properties);
        if (!settings.functions().containsKey(function.logicalId())) {
            return false;
        }
        FunctionFleet fleet = fleet(function, properties);
        fleets.put(function.logicalId(), fleet);
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
            pollers.put(
                    function.logicalId(), EventSourcePoller.start(sqs, queueUrl, queueArn, configuration, fleet, log));
            return true;
        } catch (IllegalArgumentException e) {
            throw new TemplateException(properties.place(), e.getMessage());
        }
    }

    /** Deploys each function as it is in this stack. */
    void deploy(Stack updated) {
        fleets.forEach((logicalId, fleet) -> updated.resources("AWS::Lambda::Function").stream()
                .filter(function -> function.logicalId().equals(logicalId))
                .forEach(function -> {
                    FunctionConfiguration former = fleet.configuration();
                    FunctionConfiguration configuration = configuration(function, former.name(), former.version());
                    fleet.deploy(configuration, () -> code(logicalId).start(configuration, log));
                }));
    }

    /** The functions that an event source feeds, by their logical IDs. */
    Map<String, FunctionFleet> fleets() {
        return Map.copyOf(fleets);
    }

    /** The event sources, by the logical IDs of their functions. */
    Map<String, EventSourcePoller> eventSources() {
        return Map.copyOf(pollers);
    }

    /** The function that a mapping names: by name or ARN, perhaps with a qualifier. */
    private Resource function(PropertyMap mapping) {
        String reference = afterFunction(mapping.requiredText("FunctionName"));
        String name = reference.split(":", 2)[0];
        if (!functions.containsKey(name) || hasQualifier(reference) && !qualified.contains(reference)) {
            throw mapping.error("FunctionName", "there is no such function, version or alias");
        }
        return functions.get(name);
    }

    private FunctionFleet fleet(Resource function, PropertyMap mapping) {
        boolean published = hasQualifier(afterFunction(mapping.requiredText("FunctionName")));
        FunctionConfiguration configuration =
                configuration(function, stack.reference(function), published ? "1" : UNPUBLISHED);
        int reserved =
                function.properties().integer("ReservedConcurrentExecutions").orElse(Integer.MAX_VALUE);
        int limit = Math.max(1, Math.min(settings.executionEnvironments(), reserved));
        return new FunctionFleet(
                configuration, limit, () -> code(function.logicalId()).start(configuration, log));
    }

    private FunctionCode code(String logicalId) {
        return Objects.requireNonNull(settings.functions().get(logicalId), logicalId);
    }

    private static boolean hasQualifier(String reference) {
        return reference.contains(":") && !reference.endsWith(":" + UNPUBLISHED);
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
        pollers.values().forEach(EventSourcePoller::close);
        fleets.values().forEach(FunctionFleet::close);
    }
}
