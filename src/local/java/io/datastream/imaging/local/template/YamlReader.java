package io.datastream.imaging.local.template;

import java.io.StringReader;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * YAML as CloudFormation reads it, as a tree of maps, lists, strings, numbers and booleans. A short tag becomes its
 * long form ({@code !Sub x} is <code>{"Fn::Sub": "x"}</code>), a date stays the text it is.
 */
final class YamlReader {
    private YamlReader() {}

    static Object read(String text) {
        Node root;
        try {
            root = new Yaml(new SafeConstructor(new LoaderOptions())).compose(new StringReader(text));
        } catch (MarkedYAMLException e) {
            throw new TemplateException("line " + (e.getProblemMark().getLine() + 1), e.getProblem());
        } catch (YAMLException e) {
            throw new TemplateException("the text", e.getMessage());
        }
        if (root == null) {
            throw new TemplateException("line 1", "the template is empty");
        }
        return value(root);
    }

    private static Object value(Node node) {
        String tag = node.getTag().getValue();
        if (!tag.startsWith("!")) {
            return untagged(node);
        }
        String name = tag.substring(1);
        String function = name.equals("Ref") || name.equals("Condition") ? name : "Fn::" + name;
        Object argument = node instanceof ScalarNode scalar ? scalar.getValue() : untagged(node);
        return Map.of(function, argument);
    }

    private static Object untagged(Node node) {
        return switch (node) {
            case MappingNode mapping -> mapping(mapping);
            case SequenceNode sequence -> {
                List<Object> values = new ArrayList<>();
                sequence.getValue().forEach(element -> values.add(value(element)));
                yield values;
            }
            case ScalarNode scalar -> scalar(scalar);
            default -> throw new TemplateException(line(node), "an alias to nothing");
        };
    }

    private static Map<String, Object> mapping(MappingNode mapping) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                throw new TemplateException(line(tuple.getKeyNode()), "a key must be a text");
            }
            if (values.put(key.getValue(), value(tuple.getValueNode())) != null) {
                throw new TemplateException(line(key), "the key " + key.getValue() + " is there twice");
            }
        }
        return values;
    }

    private static Object scalar(ScalarNode scalar) {
        String text = scalar.getValue();
        Tag tag = scalar.getTag();
        if (tag.equals(Tag.NULL)) {
            // CloudFormation: "Null values are not allowed in templates"
            throw new TemplateException(line(scalar), "a value is missing");
        }
        if (tag.equals(Tag.BOOL) && (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false"))) {
            return Boolean.valueOf(text);
        }
        if (tag.equals(Tag.INT) && text.matches("-?(?:0|[1-9][0-9]{0,17})")) {
            return Long.valueOf(text);
        }
        if (tag.equals(Tag.FLOAT) && text.matches("-?[0-9]+\\.[0-9]+")) {
            return new BigDecimal(text);
        }
        return text;
    }

    private static String line(Node node) {
        return "line " + (node.getStartMark().getLine() + 1);
    }
}
