package io.datastream.imaging.local.template;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A CloudFormation template as it is written: nothing in it is evaluated yet. Immutable; {@link #with} and
 * {@link #without} give changed copies, for tests that break the wiring on purpose.
 *
 * <p>A path names a place by its keys and list positions, joined by dots:
 * {@code Resources.Subscription.Properties.RawMessageDelivery},
 * {@code Resources.Bucket.Properties.NotificationConfiguration.TopicConfigurations.0.Event}.
 */
public final class Template {
    private final Map<String, Object> document;

    private Template(Map<String, Object> document) {
        this.document = document;
    }

    /**
     * Reads a template.
     *
     * @throws TemplateException if there is no such file, or it is no template
     */
    public static Template read(Path file) {
        try {
            return parse(Files.readString(file));
        } catch (NoSuchFileException e) {
            throw new TemplateException(file.toString(), "no such file");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Parses a template's YAML or JSON.
     *
     * @throws TemplateException if it is neither, or not a map of sections
     */
    public static Template parse(String text) {
        return new Template(Tree.map(YamlReader.read(text), "line 1"));
    }

    /** A copy with this value at the path. The place that holds it must exist, the value itself may be new. */
    public Template with(String path, Object value) {
        return changed(path, map -> {
            map.put(lastKey(path), value);
            return map;
        });
    }

    /** A copy without what is at the path: a key, which must exist. */
    public Template without(String path) {
        return changed(path, map -> {
            if (map.remove(lastKey(path)) == null) {
                throw new TemplateException(path, "is not in the template");
            }
            return map;
        });
    }

    /**
     * Evaluates the template.
     *
     * @throws TemplateException if a parameter does not fit, something refers to what is not there or in a circle, or a
     *     value cannot be evaluated
     */
    public Stack instantiate(StackSettings settings) {
        return new Stack(this, settings);
    }

    /** A section such as {@code Parameters}: empty if the template has none. */
    Map<String, Object> section(String name) {
        Object section = document.getOrDefault(name, Map.of());
        return Tree.map(section, name);
    }

    private Template changed(String path, UnaryOperator<Map<String, Object>> change) {
        List<String> keys = List.of(path.split("\\."));
        Object copy = changed(document, keys.subList(0, keys.size() - 1), path, change);
        return new Template(Tree.map(copy, path));
    }

    private static Object changed(
            Object node, List<String> keys, String path, UnaryOperator<Map<String, Object>> change) {
        if (keys.isEmpty()) {
            if (node instanceof Map<?, ?> map) {
                return change.apply(new LinkedHashMap<>(Tree.map(map, path)));
            }
            throw new TemplateException(path, "is not in a map");
        }
        String key = keys.getFirst();
        List<String> rest = keys.subList(1, keys.size());
        if (node instanceof Map<?, ?> map && map.containsKey(key)) {
            Map<String, Object> copy = new LinkedHashMap<>(Tree.map(map, path));
            copy.put(key, changed(map.get(key), rest, path, change));
            return copy;
        }
        if (node instanceof List<?> list && key.matches("[0-9]{1,6}") && Integer.parseInt(key) < list.size()) {
            List<Object> copy = new ArrayList<>(list);
            copy.set(Integer.parseInt(key), changed(list.get(Integer.parseInt(key)), rest, path, change));
            return copy;
        }
        throw new TemplateException(path, key + " is not in the template");
    }

    private static String lastKey(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }
}
