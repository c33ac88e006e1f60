package io.datastream.imaging.local.template;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** An evaluated template: its resources with all their values, and its outputs. */
public final class Stack {
    private final Map<String, Object> declarations;
    private final Map<String, String> pseudoParameters;
    private final Parameters parameters;
    private final Conditions conditions;
    private final Identities identities;
    private final Evaluator evaluator;
    private final Map<String, Identity> known = new HashMap<>();
    private final References references;
    private final List<Resource> resources;
    private final Map<String, String> outputs = new LinkedHashMap<>();

    Stack(Template template, StackSettings settings) {
        declarations = template.section("Resources");
        pseudoParameters = settings.pseudoParameters();
        parameters = new Parameters(template.section("Parameters"), settings.parameters());
        conditions = new Conditions(template.section("Conditions"));
        identities = new Identities(settings);
        evaluator = new Evaluator(new Scope(), template.section("Mappings"));
        if (declarations.isEmpty()) {
            throw new TemplateException("Resources", "the template has none");
        }
        references = new References(template, name -> parameters.contains(name) || pseudoParameters.containsKey(name));
        resources = references.inCreationOrder().stream()
                .filter(logicalId -> isWanted(declaration(logicalId), place(logicalId)))
                .map(this::resource)
                .toList();
        template.section("Outputs").forEach((name, node) -> {
            String place = Tree.child("Outputs", name);
            Map<String, Object> output = Tree.map(node, place);
            if (isWanted(output, place)) {
                outputs.put(name, evaluator.text(output.getOrDefault("Value", Map.of()), Tree.child(place, "Value")));
            }
        });
    }

    /** The resources that no condition takes out, each after those it depends on. */
    public List<Resource> resources() {
        return resources;
    }

    public List<Resource> resources(String type) {
        return resources.stream()
                .filter(resource -> resource.type().equals(type))
                .toList();
    }

    /**
     * The logical IDs of the resources that CloudFormation always creates before this one: those it refers to or depends
     * on, and those that they do.
     */
    public Set<String> dependencies(String logicalId) {
        return references.dependencies(logicalId, other -> isWanted(declaration(other), place(other)));
    }

    /** The outputs that no condition takes out. */
    public Map<String, String> outputs() {
        return Map.copyOf(outputs);
    }

    /** What {@code Ref} gives for a resource. */
    public String reference(Resource resource) {
        return identity(resource.logicalId(), resource.properties().place()).reference();
    }

    /** What {@code Fn::GetAtt} gives for a resource. */
    public String attribute(Resource resource, String attribute) {
        return attribute(resource.logicalId(), attribute, resource.properties().place());
    }

    private Resource resource(String logicalId) {
        Map<String, Object> declaration = declaration(logicalId);
        String place = Tree.child(place(logicalId), "Properties");
        Object properties = evaluator.evaluate(declaration.getOrDefault("Properties", Map.of()), place);
        return new Resource(
                logicalId,
                Tree.text(declaration.get("Type"), place(logicalId)),
                new PropertyMap(place, Tree.map(properties, place)),
                new PropertyMap(place(logicalId), declaration));
    }

    private boolean isWanted(Map<String, Object> holder, String place) {
        Object condition = holder.get("Condition");
        return condition == null || conditions.holds(Tree.text(condition, place), place, evaluator);
    }

    private Identity identity(String logicalId, String place) {
        Map<String, Object> declaration = declaration(logicalId);
        if (!isWanted(declaration, place(logicalId))) {
            throw new TemplateException(place, "a condition takes the resource " + logicalId + " out");
        }
        Identity identity = known.get(logicalId);
        if (identity == null) {
            String type = Tree.text(declaration.get("Type"), place(logicalId));
            identity = identities.identity(logicalId, type, property -> property(logicalId, declaration, property));
            known.put(logicalId, identity);
        }
        return identity;
    }

    private Optional<String> property(String logicalId, Map<String, Object> declaration, String name) {
        String place = Tree.child(place(logicalId), "Properties");
        Object node = Tree.map(declaration.getOrDefault("Properties", Map.of()), place)
                .get(name);
        Object value = node == null ? null : evaluator.evaluate(node, Tree.child(place, name));
        return value == null || evaluator.isAbsent(value)
                ? Optional.empty()
                : Optional.of(Tree.text(value, Tree.child(place, name)));
    }

    private String attribute(String logicalId, String attribute, String place) {
        Identity identity = identity(logicalId, place);
        String type = Tree.text(declaration(logicalId).get("Type"), place);
        return identity.attribute(attribute).orElseGet(() -> {
            if (Identities.complete(type)) {
                throw new TemplateException(place, type + " has no attribute " + attribute);
            }
            return identity.reference() + "." + attribute;
        });
    }

    private Map<String, Object> declaration(String logicalId) {
        return Tree.map(declarations.get(logicalId), place(logicalId));
    }

    private static String place(String logicalId) {
        return Tree.child("Resources", logicalId);
    }

    private final class Scope implements Evaluator.Names {
        @Override
        public Object reference(String name, String place) {
            if (parameters.contains(name)) {
                return parameters.value(name);
            }
            String pseudo = pseudoParameters.get(name);
            return pseudo != null ? pseudo : identity(name, place).reference();
        }

        @Override
        public String attribute(String logicalId, String attribute, String place) {
            return Stack.this.attribute(logicalId, attribute, place);
        }

        @Override
        public boolean condition(String name, String place) {
            return conditions.holds(name, place, evaluator);
        }
    }
}
