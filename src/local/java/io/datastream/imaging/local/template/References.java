package io.datastream.imaging.local.template;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who refers to whom in a template, whether or not a condition takes a resource out: CloudFormation refuses a reference
 * to nothing and a circle before it makes anything.
 */
final class References {
    /** In the text of {@code Fn::Sub}: <code>${Name}</code>, <code>${Name.Attribute}</code>, <code>${!Literal}</code>. */
    static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([^}]*)}");

    /** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-product-attribute-reference.html */
    private static final Set<String> ATTRIBUTES = Set.of(
            "Type",
            "Properties",
            "Condition",
            "DependsOn",
            "DeletionPolicy",
            "UpdateReplacePolicy",
            "Metadata",
            "CreationPolicy",
            "UpdatePolicy");

    private final Predicate<String> known;
    private final Map<String, Object> resources;
    private final Map<String, Object> conditions;
    private final Map<String, Set<String>> dependencies = new LinkedHashMap<>();

    References(Template template, Predicate<String> parameter) {
        resources = template.section("Resources");
        conditions = template.section("Conditions");
        known = name -> parameter.test(name) || resources.containsKey(name) || name.equals("AWS::NoValue");
        resources.forEach((logicalId, resource) -> visitResource(logicalId, resource));
        template.section("Outputs").forEach((name, output) -> {
            String place = Tree.child("Outputs", name);
            checkCondition(Tree.map(output, place), place);
            visit(output, place, new HashSet<>());
        });
        conditions.forEach((name, condition) -> visit(condition, Tree.child("Conditions", name), new HashSet<>()));
    }

    /** The logical IDs of all resources, each after those it depends on. */
    List<String> inCreationOrder() {
        List<String> ordered = new ArrayList<>();
        dependencies.keySet().forEach(logicalId -> place(logicalId, ordered, new ArrayList<>()));
        return ordered;
    }

    /** What a resource depends on, directly or through others; a resource that is not created makes no dependency. */
    Set<String> dependencies(String logicalId, Predicate<String> created) {
        Set<String> found = new LinkedHashSet<>();
        Deque<String> waiting = new ArrayDeque<>(List.of(logicalId));
        while (!waiting.isEmpty()) {
            dependencies.getOrDefault(waiting.pop(), Set.of()).stream()
                    .filter(created)
                    .filter(found::add)
                    .forEach(waiting::push);
        }
        return found;
    }

    private void place(String logicalId, List<String> ordered, List<String> waiting) {
        if (ordered.contains(logicalId)) {
            return;
        }
        int start = waiting.indexOf(logicalId);
        waiting.add(logicalId);
        if (start >= 0) {
            throw new TemplateException(
                    Tree.child("Resources", logicalId),
                    "depends on itself: " + String.join(" -> ", waiting.subList(start, waiting.size())));
        }
        dependencies.get(logicalId).forEach(dependency -> place(dependency, ordered, waiting));
        waiting.removeLast();
        ordered.add(logicalId);
    }

    private void visitResource(String logicalId, Object node) {
        String place = Tree.child("Resources", logicalId);
        Map<String, Object> resource = Tree.map(node, place);
        resource.keySet().stream()
                .filter(attribute -> !ATTRIBUTES.contains(attribute))
                .forEach(attribute -> {
                    throw new TemplateException(Tree.child(place, attribute), "is no attribute of a resource");
                });
        Tree.text(resource.getOrDefault("Type", List.of()), Tree.child(place, "Type"));
        checkCondition(resource, place);
        Set<String> found = new LinkedHashSet<>();
        Object dependsOn = resource.getOrDefault("DependsOn", List.of());
        for (Object name : dependsOn instanceof List<?> list ? list : List.of(dependsOn)) {
            String dependency = Tree.text(name, Tree.child(place, "DependsOn"));
            if (!resources.containsKey(dependency)) {
                throw new TemplateException(Tree.child(place, "DependsOn"), "there is no resource " + dependency);
            }
            found.add(dependency);
        }
        for (String section : List.of("Properties", "Metadata")) {
            visit(resource.getOrDefault(section, Map.of()), Tree.child(place, section), found);
        }
        dependencies.put(logicalId, found);
    }

    private void checkCondition(Map<String, Object> holder, String place) {
        if (holder.get("Condition") instanceof String name && !conditions.containsKey(name)) {
            throw new TemplateException(Tree.child(place, "Condition"), "there is no condition " + name);
        }
    }

    private void visit(Object node, String place, Set<String> found) {
        switch (node) {
            case List<?> list -> {
                for (int i = 0; i < list.size(); i++) {
                    visit(list.get(i), Tree.child(place, i), found);
                }
            }
            case Map<?, ?> map -> {
                Tree.Call.of(map).ifPresent(call -> visitCall(call, place, found));
                map.forEach((key, value) -> visit(value, Tree.child(place, key), found));
            }
            default -> {}
        }
    }

    private void visitCall(Tree.Call call, String place, Set<String> found) {
        Object argument = call.argument();
        switch (call.function()) {
            case "Ref" -> reference(Tree.text(argument, place), place, found);
            case "Fn::GetAtt" -> {
                Object first = argument instanceof List<?> list && !list.isEmpty() ? list.getFirst() : argument;
                reference(Tree.text(first, place).split("\\.", 2)[0], place, found);
            }
            case "Fn::Sub" -> {
                boolean withVariables = argument instanceof List<?> list && list.size() == 2;
                Object text = withVariables ? ((List<?>) argument).getFirst() : argument;
                Map<String, Object> variables =
                        withVariables ? Tree.map(((List<?>) argument).getLast(), place) : Map.of();
                Matcher placeholder = PLACEHOLDER.matcher(Tree.text(text, place));
                while (placeholder.find()) {
                    String name = placeholder.group(1).strip();
                    if (!name.startsWith("!") && !variables.containsKey(name)) {
                        reference(name.split("\\.", 2)[0], place, found);
                    }
                }
            }
            case "Fn::Join", "Fn::Select", "Fn::Split", "Fn::FindInMap" -> {}
            case "Fn::If", "Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not" -> {}
            default -> throw new TemplateException(place, "the function " + call.function() + " is not known");
        }
    }

    private void reference(String name, String place, Set<String> found) {
        if (!known.test(name)) {
            throw new TemplateException(place, "there is no parameter and no resource " + name);
        }
        if (resources.containsKey(name)) {
            found.add(name);
        }
    }
}
