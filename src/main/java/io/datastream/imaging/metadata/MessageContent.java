package io.datastream.imaging.metadata;

import io.datastream.imaging.notification.RejectionReason;
import java.util.List;

/**
 * The content of a message, as far as the pipeline acts on it.
 *
 * @param uploads the records to write, in the message's order; a rejected event beside them does not matter
 * @param ignoredEvents number of events that are rightly no record, 0 or more
 * @param rejections why the message fails, one reason for each rejected event; empty if it does not fail
 */
public record MessageContent(List<ImageMetadata> uploads, int ignoredEvents, List<RejectionReason> rejections) {

    public MessageContent {
        uploads = List.copyOf(uploads);
        rejections = List.copyOf(rejections);
        if (ignoredEvents < 0) {
            throw new IllegalArgumentException("a number of events is 0 or more");
        }
    }
}
