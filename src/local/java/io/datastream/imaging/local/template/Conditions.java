package io.datastream.imaging.local.template;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The template's conditions, evaluated when asked for. */
final class Conditions {
    private final Map<String, Object> declarations;
    private final Set<String> underWay = new HashSet<>();

    Conditions(Map<String, Object> declarations) {
        this.declarations = declarations;
    }

    boolean holds(String name, String place, Evaluator evaluator) {
        if (!declarations.containsKey(name)) {
            throw new TemplateException(place, "there is no condition " + name);
        }
        if (!underWay.add(name)) {
            throw new TemplateException(Tree.child("Conditions", name), "depends on itself");
        }
        try {
            return holds(declarations.get(name), Tree.child("Conditions", name), evaluator);
        } finally {
            underWay.remove(name);
        }
    }

    private boolean holds(Object node, String place, Evaluator evaluator) {
        if (!(node instanceof Map<?, ?> map) || map.size() != 1) {
            throw new TemplateException(place, "is no condition");
        }
        Map.Entry<?, ?> call = map.entrySet().iterator().next();
        Object argument = call.getValue();
        return switch (String.valueOf(call.getKey())) {
            case "Condition" -> holds(Tree.text(argument, place), place, evaluator);
            case "Fn::Equals" -> {
                List<?> sides = operands(argument, 2, 2, place);
                yield evaluator.text(sides.getFirst(), place).equals(evaluator.text(sides.getLast(), place));
            }
            case "Fn::Not" -> !holds(operands(argument, 1, 1, place).getFirst(), place, evaluator);
            case "Fn::And" ->
                operands(argument, 2, 10, place).stream().allMatch(operand -> holds(operand, place, evaluator));
            case "Fn::Or" ->
                operands(argument, 2, 10, place).stream().anyMatch(operand -> holds(operand, place, evaluator));
            default -> throw new TemplateException(place, call.getKey() + " is no condition function");
        };
    }

    private static List<?> operands(Object argument, int least, int most, String place) {
        if (argument instanceof List<?> list && list.size() >= least && list.size() <= most) {
            return list;
        }
        throw new TemplateException(place, "a condition function has the wrong number of operands");
    }
}
