package io.datastream.imaging.local;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.w3c.dom.Element;
import org.xml.sax.SAXException;

/**
 * The XML of a bucket's notification.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html">
 *     PutBucketNotificationConfiguration</a>
 */
final class NotificationConfigurationXml {
    private static final String NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";
    /** The element that holds the destination's ARN, by the element of the configuration. */
    private static final Map<String, String> DESTINATIONS =
            Map.of("TopicConfiguration", "Topic", "QueueConfiguration", "Queue");

    private NotificationConfigurationXml() {}

    /**
     * Reads the body of a put.
     *
     * @param destinations gives from an ARN where its events go
     * @throws IllegalArgumentException if S3 would refuse the body
     * @throws UnsupportedOperationException if a destination is neither a topic nor a queue
     */
    static List<BucketNotification> read(byte[] xml, Function<String, Consumer<String>> destinations) {
        List<BucketNotification> notifications = new ArrayList<>();
        for (Element configuration : children(root(xml))) {
            String element = configuration.getLocalName();
            if (!DESTINATIONS.containsKey(element)) {
                throw new UnsupportedOperationException(element + " is not emulated: use a topic or a queue");
            }
            String id = texts(configuration, "Id").stream().findFirst().orElseGet(() -> UUID.randomUUID()
                    .toString());
            String arn = texts(configuration, DESTINATIONS.get(element)).stream()
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(element + " has no destination"));
            String prefix = "";
            String suffix = "";
            for (Element rule : elements(configuration, "FilterRule")) {
                String value = String.join("", texts(rule, "Value"));
                switch (String.join("", texts(rule, "Name")).toLowerCase(Locale.ROOT)) {
                    case "prefix" -> prefix = value;
                    case "suffix" -> suffix = value;
                    default -> throw new IllegalArgumentException("filter rule name must be either prefix or suffix");
                }
            }
            notifications.add(new BucketNotification(
                    id, texts(configuration, "Event"), prefix, suffix, arn, destinations.apply(arn)));
        }
        return notifications;
    }

    /** The answer to a get. */
    static String write(List<BucketNotification> notifications) {
        StringWriter xml = new StringWriter();
        try {
            XMLStreamWriter writer = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(xml);
            writer.writeStartDocument("UTF-8", "1.0");
            writer.writeStartElement("NotificationConfiguration");
            writer.writeDefaultNamespace(NAMESPACE);
            for (BucketNotification notification : notifications) {
                boolean topic = notification.destinationArn().startsWith("arn:aws:sns:");
                writer.writeStartElement(topic ? "TopicConfiguration" : "QueueConfiguration");
                text(writer, "Id", notification.id());
                text(writer, topic ? "Topic" : "Queue", notification.destinationArn());
                for (String event : notification.events()) {
                    text(writer, "Event", event);
                }
                writer.writeStartElement("Filter");
                writer.writeStartElement("S3Key");
                rule(writer, "Prefix", notification.prefix());
                rule(writer, "Suffix", notification.suffix());
                writer.writeEndElement();
                writer.writeEndElement();
                writer.writeEndElement();
            }
            writer.writeEndDocument();
            writer.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException(e);
        }
        return xml.toString();
    }

    private static void rule(XMLStreamWriter writer, String name, String value) throws XMLStreamException {
        if (!value.isEmpty()) {
            writer.writeStartElement("FilterRule");
            text(writer, "Name", name);
            text(writer, "Value", value);
            writer.writeEndElement();
        }
    }

    private static void text(XMLStreamWriter writer, String element, String text) throws XMLStreamException {
        writer.writeStartElement(element);
        writer.writeCharacters(text);
        writer.writeEndElement();
    }

    private static Element root(byte[] xml) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultNSInstance();
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            return factory.newDocumentBuilder()
                    .parse(new ByteArrayInputStream(xml))
                    .getDocumentElement();
        } catch (SAXException | IOException e) {
            throw new IllegalArgumentException("the XML is not well-formed", e);
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Element> children(Element parent) {
        return IntStream.range(0, parent.getChildNodes().getLength())
                .mapToObj(index -> parent.getChildNodes().item(index))
                .filter(Element.class::isInstance)
                .map(Element.class::cast)
                .toList();
    }

    private static List<Element> elements(Element ancestor, String name) {
        var found = ancestor.getElementsByTagNameNS("*", name);
        return IntStream.range(0, found.getLength())
                .mapToObj(index -> (Element) found.item(index))
                .toList();
    }

    private static List<String> texts(Element ancestor, String name) {
        return elements(ancestor, name).stream().map(Element::getTextContent).toList();
    }
}
