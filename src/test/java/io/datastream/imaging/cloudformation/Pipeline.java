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
import java.util.stream.Stream;

/** The evaluated stack, by the names that its resources bear in the template. */
record Pipeline(Stack stack) {
    static final Path FILE = Path.of("cloudformation", "pipeline.yaml");
    static final String ACCOUNT = "123456789012";
    static final String REGION = "eu-central-1";

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
