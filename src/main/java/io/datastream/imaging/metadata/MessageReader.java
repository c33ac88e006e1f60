package io.datastream.imaging.metadata;

import io.datastream.imaging.notification.NotificationDecoder;
import io.datastream.imaging.notification.NotificationEvent;
import io.datastream.imaging.notification.ObjectCreated;
import io.datastream.imaging.notification.RejectionReason;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of a queue message: which records to write, and why it fails if it does. The function and the
 * operator's commands use the same reader, so that they cannot disagree.
 */
public final class MessageReader {

    private final NotificationDecoder decoder = new NotificationDecoder();
    private final MetadataExtractor extractor;

    /**
     * Makes a reader.
     *
     * @param patientIdPattern finds the patient ID in a file name
     */
    public MessageReader(PatientIdPattern patientIdPattern) {
        extractor = new MetadataExtractor(patientIdPattern);
    }

    /**
     * Reads one message.
     *
     * @param body a message's body, of any content; null counts as not JSON
     * @return the records to write and the reasons of a failure
     */
    public MessageContent read(@Nullable String body) {
        List<ImageMetadata> uploads = new ArrayList<>(1);
        List<RejectionReason> rejections = new ArrayList<>(0);
        int ignored = 0;
        for (NotificationEvent event : decoder.decode(body)) {
            switch (event) {
                case ObjectCreated created -> {
                    switch (extractor.extract(created)) {
                        case MetadataExtractor.Extraction.Extracted extracted -> uploads.add(extracted.metadata());
                        case MetadataExtractor.Extraction.Rejected rejected -> rejections.add(rejected.reason());
                    }
                }
                case NotificationEvent.Ignored skipped -> ignored++;
                case NotificationEvent.Rejected rejected -> rejections.add(rejected.reason());
            }
        }
        return new MessageContent(uploads, ignored, rejections);
    }
}
