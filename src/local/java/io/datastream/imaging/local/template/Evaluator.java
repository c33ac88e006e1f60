package io.datastream.imaging.local.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The intrinsic functions that give a value. See
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
final class Evaluator {
    /** What {@code AWS::NoValue} evaluates to: the property that holds it is left out. */
    private static final Object NO_VALUE = new Object();

    /** What a name stands for. */
    interface Names {
        /** The value of a parameter, a pseudo parameter or a resource. */
        Object reference(String name, String place);

        String attribute(String logicalId, String attribute, String place);

        boolean condition(String name, String place);
    }

    private final Names names;
    private final Map<String, Object> mappings;

    Evaluator(Names names, Map<String, Object> mappings) {
        this.names = names;
        this.mappings = mappings;
    }

    /** The value of a node: maps, lists and scalars without functions. */
    Object evaluate(Object node, String place) {
        return switch (node) {
            case Map<?, ?> map ->
                Tree.Call.of(map).map(call -> call(call, place)).orElseGet(() -> withoutNoValues(map, place));
            case List<?> list -> elements(list, place);
            default -> node;
        };
    }

    String text(Object node, String place) {
        return Tree.text(evaluate(node, place), place);
    }

    /** Whether a value is {@code AWS::NoValue}. */
    boolean isAbsent(Object value) {
        return value == NO_VALUE;
    }

    private Map<String, Object> withoutNoValues(Map<?, ?> map, String place) {
        Map<String, Object> values = new LinkedHashMap<>();
        map.forEach((key, node) -> {
            Object value = evaluate(node, Tree.child(place, key));
            if (value != NO_VALUE) {
                values.put(String.valueOf(key), value);
            }
        });
        return values;
    }

    private List<Object> elements(List<?> list, String place) {
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            Object value = evaluate(list.get(i), Tree.child(place, i));
            if (value != NO_VALUE) {
                values.add(value);
            }
        }
        return values;
    }

    private Object call(Tree.Call call, String place) {
        Object argument = call.argument();
        return switch (call.function()) {
            case "Ref" -> {
                String name = Tree.text(argument, place);
                yield name.equals("AWS::NoValue") ? NO_VALUE : names.reference(name, place);
            }
            case "Fn::GetAtt" -> attribute(argument, place);
            case "Fn::Sub" -> substitute(argument, place);
            case "Fn::Join" -> {
                List<?> arguments = arguments(argument, 2, place);
                yield Tree.list(evaluate(arguments.getLast(), place), place).stream()
                        .map(element -> Tree.text(element, place))
                        .collect(Collectors.joining(Tree.text(arguments.getFirst(), place)));
            }
            case "Fn::Split" -> {
                List<?> arguments = arguments(argument, 2, place);
                String delimiter = Pattern.quote(Tree.text(arguments.getFirst(), place));
                yield List.of(text(arguments.getLast(), place).split(delimiter, -1));
            }
            case "Fn::Select" -> select(arguments(argument, 2, place), place);
            case "Fn::FindInMap" -> findInMap(arguments(argument, 3, place), place);
            case "Fn::If" -> {
                List<?> arguments = arguments(argument, 3, place);
                boolean holds = names.condition(Tree.text(arguments.getFirst(), place), place);
                yield evaluate(arguments.get(holds ? 1 : 2), place);
            }
            default -> throw new TemplateException(place, "the function " + call.function() + " gives no value here");
        };
    }

    private String attribute(Object argument, String place) {
        if (argument instanceof List<?>) {
            List<?> arguments = arguments(argument, 2, place);
            return names.attribute(Tree.text(arguments.getFirst(), place), text(arguments.getLast(), place), place);
        }
        return dottedAttribute(Tree.text(argument, place), place);
    }

    private String dottedAttribute(String name, String place) {
        int dot = name.indexOf('.');
        if (dot < 0) {
            throw new TemplateException(place, "Fn::GetAtt needs Resource.Attribute");
        }
        return names.attribute(name.substring(0, dot), name.substring(dot + 1), place);
    }

    private String substitute(Object argument, String place) {
        boolean withVariables = argument instanceof List<?>;
        List<?> arguments = withVariables ? arguments(argument, 2, place) : List.of(argument, Map.of());
        Map<String, Object> variables = Tree.map(arguments.getLast(), place);
        Matcher placeholder = References.PLACEHOLDER.matcher(Tree.text(arguments.getFirst(), place));
        return placeholder.replaceAll(match -> {
            String name = match.group(1).strip();
            String value;
            if (name.startsWith("!")) {
                value = "${" + name.substring(1) + "}";
            } else if (variables.containsKey(name)) {
                value = text(variables.get(name), place);
            } else if (name.contains(".")) {
                value = dottedAttribute(name, place);
            } else {
                value = Tree.text(names.reference(name, place), place);
            }
            return Matcher.quoteReplacement(value);
        });
    }

    private Object select(List<?> arguments, String place) {
        String index = text(arguments.getFirst(), place);
        List<?> values = Tree.list(evaluate(arguments.getLast(), place), place);
        if (!index.matches("[0-9]{1,6}") || Integer.parseInt(index) >= values.size()) {
            throw new TemplateException(place, "Fn::Select has no element " + index);
        }
        return values.get(Integer.parseInt(index));
    }

    private Object findInMap(List<?> arguments, String place) {
        Object found = mappings;
        for (Object argument : arguments) {
            String key = text(argument, place);
            if (!(found instanceof Map<?, ?> map && map.containsKey(key))) {
                throw new TemplateException(place, "Fn::FindInMap finds no " + key + " in Mappings");
            }
            found = map.get(key);
        }
        return found;
    }

    private static List<?> arguments(Object argument, int count, String place) {
        if (argument instanceof List<?> list && list.size() == count) {
            return list;
        }
        throw new TemplateException(place, "the function takes " + count + " arguments");
    }
}
