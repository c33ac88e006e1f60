package io.datastream.imaging.local;

import io.datastream.imaging.local.template.PropertyMap;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * One configuration in a bucket's notification: which events go where.
 *
 * @param id the configuration's ID, as it appears in the events
 * @param events such as {@code s3:ObjectCreated:*} or {@code s3:ObjectCreated:Put}
 * @param prefix what a key must begin with; empty for any
 * @param suffix what a key must end with, in this case; empty for any
 * @param destinationArn of a topic or a queue
 * @param destination takes the event message
 */
record BucketNotification(
        String id,
        List<String> events,
        String prefix,
        String suffix,
        String destinationArn,
        Consumer<String> destination) {
    BucketNotification {
        events = List.copyOf(events);
    }

    /** A {@code TopicConfiguration} or {@code QueueConfiguration} of a template. */
    static BucketNotification of(PropertyMap configuration, String destinationArn, Consumer<String> destination) {
        String prefix = "";
        String suffix = "";
        List<PropertyMap> rules = configuration
                .object("Filter")
                .flatMap(filter -> filter.object("S3Key"))
                .map(key -> key.objects("Rules"))
                .orElse(List.of());
        for (PropertyMap rule : rules) {
            switch (rule.requiredText("Name").toLowerCase(Locale.ROOT)) {
                case "prefix" -> prefix = rule.requiredText("Value");
                case "suffix" -> suffix = rule.requiredText("Value");
                default -> throw rule.error("Name", "is neither prefix nor suffix");
            }
        }
        String id = UUID.nameUUIDFromBytes(configuration.place().getBytes(StandardCharsets.UTF_8))
                .toString();
        List<String> events = List.of(configuration.requiredText("Event"));
        return new BucketNotification(id, events, prefix, suffix, destinationArn, destination);
    }

    boolean matches(UploadedObject object) {
        return object.key().startsWith(prefix)
                && object.key().endsWith(suffix)
                && events.stream().anyMatch(event -> matches(event, object.eventName()));
    }

    /** Whether a key could match both, for the same event: S3 refuses such a pair. */
    boolean overlaps(BucketNotification other) {
        boolean samePrefix = prefix.startsWith(other.prefix) || other.prefix.startsWith(prefix);
        boolean sameSuffix = suffix.endsWith(other.suffix) || other.suffix.endsWith(suffix);
        boolean sameEvent = events.stream().anyMatch(event -> other.events.stream()
                .anyMatch(second -> matches(event, withoutPrefix(second)) || matches(second, withoutPrefix(event))));
        return samePrefix && sameSuffix && sameEvent;
    }

    private static boolean matches(String event, String eventName) {
        String pattern = withoutPrefix(event);
        return pattern.endsWith("*")
                ? eventName.startsWith(pattern.substring(0, pattern.length() - 1))
                : eventName.equals(pattern);
    }

    private static String withoutPrefix(String event) {
        return event.startsWith("s3:") ? event.substring("s3:".length()) : event;
    }
}
