package io.datastream.imaging.metadata;

import io.datastream.imaging.notification.RejectionReason;
import java.util.List;

/**
 * What a message asks the pipeline to do.
 *
 * @param uploads the records to write, in the message's order; also those beside a rejected event
 * @param ignoredEvents how many events are rightly no record
 * @param rejections why the message fails, one reason for each event without a record; empty if it does not
 */
public record MessageContent(List<ImageMetadata> uploads, int ignoredEvents, List<RejectionReason> rejections) {

    public MessageContent {
        uploads = List.copyOf(uploads);
        rejections = List.copyOf(rejections);
        if (ignoredEvents < 0) {
            throw new IllegalArgumentException("a count of events is 0 or more");
        }
    }
}
