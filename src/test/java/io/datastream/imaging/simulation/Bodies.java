package io.datastream.imaging.simulation;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.util.stream.Collectors;

/** The bodies of queue messages. */
final class Bodies {

    private static final String TEST_EVENT =
            "{\"Service\":\"Amazon S3\",\"Event\":\"s3:TestEvent\",\"Time\":\"2026-11-23T09:30:00.000Z\",\"Bucket\":\"b\"}";

    private Bodies() {}

    static String of(Step.Message message) {
        return switch (message.envelope()) {
            case S3 -> s3Event(message);
            case S3_IN_SNS -> inSns(s3Event(message));
            case EVENT_BRIDGE -> message.uploads().getFirst().eventBridgeEvent();
            case EVENT_BRIDGE_IN_SNS -> inSns(message.uploads().getFirst().eventBridgeEvent());
            case DELETION -> s3Event(message).replace("ObjectCreated:Put", "ObjectRemoved:Delete");
            case TEST_EVENT -> inSns(TEST_EVENT.replace("30:00.000Z", "30:00." + message.at() + "Z"));
            case BROKEN -> "{\"Records\":[{\"eventName\":\"ObjectCreated:Put\",\"MARK " + message.at();
        };
    }

    private static String s3Event(Step.Message message) {
        return message.uploads().stream()
                .map(Upload::s3Record)
                .collect(Collectors.joining(",", "{\"Records\":[", "]}"));
    }

    private static String inSns(String event) {
        return "{\"Type\":\"Notification\",\"MessageId\":\"n\",\"Message\":\""
                + new String(JsonStringEncoder.getInstance().quoteAsString(event)) + "\"}";
    }
}
