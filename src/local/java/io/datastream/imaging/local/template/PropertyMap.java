package io.datastream.imaging.local.template;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The evaluated properties of a resource, or of an object in them. A value of another type than the one asked for is a
 * {@link TemplateException} that names its place.
 */
public final class PropertyMap {
    private final String place;
    private final Map<String, Object> values;

    PropertyMap(String place, Map<String, Object> values) {
        this.place = place;
        this.values = values;
    }

    /** Where this is in the template. */
    public String place() {
        return place;
    }

    /** Everything as maps, lists and scalars. */
    public Map<String, Object> asMap() {
        return values;
    }

    public boolean contains(String name) {
        return values.containsKey(name);
    }

    public Optional<String> text(String name) {
        return Optional.ofNullable(values.get(name)).map(value -> Tree.text(value, at(name)));
    }

    public String requiredText(String name) {
        return text(name).orElseThrow(() -> new TemplateException(at(name), "is missing"));
    }

    public Optional<Integer> integer(String name) {
        return text(name).map(text -> {
            try {
                return Integer.valueOf(text);
            } catch (NumberFormatException e) {
                throw new TemplateException(at(name), text + " is no whole number");
            }
        });
    }

    public Optional<Boolean> bool(String name) {
        return text(name).map(text -> switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new TemplateException(at(name), text + " is neither true nor false");
        });
    }

    public Optional<PropertyMap> object(String name) {
        return Optional.ofNullable(values.get(name)).map(value -> new PropertyMap(at(name), Tree.map(value, at(name))));
    }

    /** The objects of a list; none if it is not there. */
    public List<PropertyMap> objects(String name) {
        List<?> list = list(name);
        return IntStream.range(0, list.size())
                .mapToObj(i -> {
                    String at = Tree.child(at(name), i);
                    return new PropertyMap(at, Tree.map(list.get(i), at));
                })
                .toList();
    }

    /** The texts of a list; none if it is not there. A single text is a list of one, as in policy documents. */
    public List<String> texts(String name) {
        return list(name).stream().map(value -> Tree.text(value, at(name))).toList();
    }

    /** An error at one of these properties. */
    public TemplateException error(String name, String problem) {
        return new TemplateException(at(name), problem);
    }

    private List<?> list(String name) {
        Object value = values.getOrDefault(name, List.of());
        return value instanceof List<?> list ? list : List.of(value);
    }

    private String at(String name) {
        return Tree.child(place, name);
    }

    @Override
    public String toString() {
        return place;
    }
}
