package io.datastream.imaging.local.template;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The nodes of a template: maps, lists and scalars. */
final class Tree {
    private Tree() {}

    /** A call of an intrinsic function: a map with one key that is {@code Ref} or begins with {@code Fn::}. */
    record Call(String function, Object argument) {
        static Optional<Call> of(Map<?, ?> map) {
            if (map.size() != 1) {
                return Optional.empty();
            }
            Map.Entry<?, ?> entry = map.entrySet().iterator().next();
            String key = String.valueOf(entry.getKey());
            return key.equals("Ref") || key.startsWith("Fn::")
                    ? Optional.of(new Call(key, entry.getValue()))
                    : Optional.empty();
        }
    }

    static Map<String, Object> map(Object node, String place) {
        if (!(node instanceof Map<?, ?> map)) {
            throw new TemplateException(place, "must be a map");
        }
        Map<String, Object> copy = new LinkedHashMap<>();
        map.forEach((key, value) -> copy.put(String.valueOf(key), value));
        return copy;
    }

    static List<?> list(Object node, String place) {
        if (!(node instanceof List<?> list)) {
            throw new TemplateException(place, "must be a list");
        }
        return list;
    }

    /** A scalar as CloudFormation compares it: as text. */
    static String text(Object node, String place) {
        return switch (node) {
            case String text -> text;
            case Number number -> number.toString();
            case Boolean bool -> bool.toString();
            default -> throw new TemplateException(place, "must be a text");
        };
    }

    static String child(String place, Object key) {
        return place + "." + key;
    }
}
