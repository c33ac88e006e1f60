package io.datastream.imaging.local.template;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;

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

    /**
     * A copy with this value at the path. The map or list that holds it must exist, the value itself may be new: the
     * position after a list's last element appends to it.
     */
    public Template with(String path, Object value) {
        return changed(path, (holder, key) -> {
            if (holder instanceof Map<?, ?> map) {
                Map<String, Object> copy = Tree.map(map, path);
                copy.put(key, value);
                return copy;
            }
            if (holder instanceof List<?> list && position(key) <= list.size()) {
                List<Object> copy = new ArrayList<>(list);
                if (position(key) < list.size()) {
                    copy.remove(position(key));
                }
                copy.add(position(key), value);
                return copy;
            }
            throw new TemplateException(path, "is not in a map or a list");
        });
    }

    /** A copy without what is at the path: a key or an element of a list, which must exist. */
    public Template without(String path) {
        return changed(path, (holder, key) -> {
            if (holder instanceof Map<?, ?> map && map.containsKey(key)) {
                Map<String, Object> copy = Tree.map(map, path);
                copy.remove(key);
                return copy;
            }
            if (holder instanceof List<?> list && position(key) < list.size()) {
                List<Object> copy = new ArrayList<>(list);
                copy.remove(position(key));
                return copy;
            }
            throw new TemplateException(path, "is not in the template");
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

    /**
     * The default of a parameter.
     *
     * @throws TemplateException if the template has no such parameter, or it has no default
     */
    public String parameterDefault(String parameter) {
        String place = Tree.child("Parameters", parameter);
        Object declaration = section("Parameters").getOrDefault(parameter, Map.of());
        return Tree.text(Tree.map(declaration, place).get("Default"), Tree.child(place, "Default"));
    }

    /** A section such as {@code Parameters}: empty if the template has none. */
    Map<String, Object> section(String name) {
        Object section = document.getOrDefault(name, Map.of());
        return Tree.map(section, name);
    }

    /** Changes the holder of the path's last key. */
    private Template changed(String path, BiFunction<Object, String, Object> change) {
        return new Template(Tree.map(changed(document, List.of(path.split("\\.")), path, change), path));
    }

    private static Object changed(
            Object node, List<String> keys, String path, BiFunction<Object, String, Object> change) {
        String key = keys.getFirst();
        if (keys.size() == 1) {
            return change.apply(node, key);
        }
        List<String> rest = keys.subList(1, keys.size());
        if (node instanceof Map<?, ?> map && map.containsKey(key)) {
            Map<String, Object> copy = Tree.map(map, path);
            copy.put(key, changed(Objects.requireNonNull(map.get(key)), rest, path, change));
            return copy;
        }
        if (node instanceof List<?> list && position(key) < list.size()) {
            List<Object> copy = new ArrayList<>(list);
            copy.set(position(key), changed(list.get(position(key)), rest, path, change));
            return copy;
        }
        throw new TemplateException(path, key + " is not in the template");
    }

    /** A list position; beyond every list if the key is none. */
    private static int position(String key) {
        return key.matches("[0-9]{1,6}") ? Integer.parseInt(key) : Integer.MAX_VALUE;
    }
}
