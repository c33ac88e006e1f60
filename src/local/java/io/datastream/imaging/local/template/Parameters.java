package io.datastream.imaging.local.template;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** The template's parameters: their values, checked as CloudFormation checks them. */
final class Parameters {
    private final Map<String, Object> values = new LinkedHashMap<>();

    Parameters(Map<String, Object> declarations, Map<String, String> given) {
        given.keySet().stream().filter(name -> !declarations.containsKey(name)).forEach(name -> {
            throw new TemplateException("Parameters." + name, "the template has no such parameter");
        });
        declarations.forEach((name, declaration) -> {
            String place = Tree.child("Parameters", name);
            values.put(name, value(Tree.map(declaration, place), given.get(name), place));
        });
    }

    boolean contains(String name) {
        return values.containsKey(name);
    }

    /** A text, or a list of texts for the list types. */
    Object value(String name) {
        return Objects.requireNonNull(values.get(name), name);
    }

    private static Object value(Map<String, Object> declaration, @Nullable String given, String place) {
        String text = given;
        if (text == null) {
            if (!declaration.containsKey("Default")) {
                throw new TemplateException(place, "has no default: give it a value");
            }
            text = Tree.text(declaration.get("Default"), Tree.child(place, "Default"));
        }
        String type = Tree.text(declaration.getOrDefault("Type", "String"), Tree.child(place, "Type"));
        if (type.equals("CommaDelimitedList") || type.startsWith("List<")) {
            List<String> elements =
                    Arrays.stream(text.split(",")).map(String::strip).toList();
            elements.forEach(element -> check(declaration, element, type.equals("List<Number>"), place));
            return elements;
        }
        check(declaration, text, type.equals("Number"), place);
        return text;
    }

    private static void check(Map<String, Object> declaration, String value, boolean number, String place) {
        declaration.forEach((constraint, limit) -> {
            String at = Tree.child(place, constraint);
            boolean kept =
                    switch (constraint) {
                        case "AllowedValues" ->
                            Tree.list(limit, at).stream()
                                    .anyMatch(allowed -> Tree.text(allowed, at).equals(value));
                        case "AllowedPattern" -> matches(value, Tree.text(limit, at), at);
                        case "MinValue" -> decimal(value, place).compareTo(decimal(limit, at)) >= 0;
                        case "MaxValue" -> decimal(value, place).compareTo(decimal(limit, at)) <= 0;
                        case "MinLength" -> BigDecimal.valueOf(value.length()).compareTo(decimal(limit, at)) >= 0;
                        case "MaxLength" -> BigDecimal.valueOf(value.length()).compareTo(decimal(limit, at)) <= 0;
                        default -> true;
                    };
            if (!kept) {
                Object why = declaration.getOrDefault("ConstraintDescription", constraint + " is " + limit);
                throw new TemplateException(place, "the value " + value + " is not allowed: " + why);
            }
        });
        if (number) {
            decimal(value, place);
        }
    }

    private static boolean matches(String value, String pattern, String place) {
        try {
            return value.matches(pattern);
        } catch (PatternSyntaxException e) {
            throw new TemplateException(place, "is no regular expression");
        }
    }

    private static BigDecimal decimal(Object value, String place) {
        try {
            return new BigDecimal(Tree.text(value, place));
        } catch (NumberFormatException e) {
            throw new TemplateException(place, "the value " + value + " is no number");
        }
    }
}
