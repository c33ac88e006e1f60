package io.datastream.imaging.metadata;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.datastream.imaging.notification.ObjectCreated;
import io.datastream.imaging.notification.RejectionReason;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes the record of an upload from its event alone. */
public final class MetadataExtractor {

    /** An event has a record, or a reason to have none. */
    public sealed interface Extraction {

        record Extracted(ImageMetadata metadata) implements Extraction {}

        record Rejected(RejectionReason reason) implements Extraction {}
    }

    /** Longer ones could not be padded to one length, and would not sort. */
    private static final int SEQUENCER_DIGITS = 32;

    /** DynamoDB's limit for the partition key of an index. */
    private static final int MAXIMUM_PATIENT_ID_BYTES = 2_048;

    private static final Pattern SEQUENCER = Pattern.compile("[0-9A-Fa-f]{1," + SEQUENCER_DIGITS + "}");

    /** The version ID that S3 gives to every object of a bucket without versioning. */
    private static final String NULL_VERSION = "null";

    private final PatientIdPattern patientIdPattern;

    /**
     * Makes an extractor.
     *
     * @param patientIdPattern finds the patient ID in a file name
     */
    public MetadataExtractor(PatientIdPattern patientIdPattern) {
        this.patientIdPattern = patientIdPattern;
    }

    /**
     * Extracts the record of one upload.
     *
     * @param event an object was stored
     * @return the same for the same event, always
     */
    public Extraction extract(ObjectCreated event) {
        return switch (patientIdPattern.match(fileName(event.objectKey()))) {
            case PatientIdPattern.Match.Found found -> extract(event, found.patientId());
            case PatientIdPattern.Match.None none -> new Extraction.Rejected(RejectionReason.NO_PATIENT_ID);
            case PatientIdPattern.Match.OverBudget overBudget ->
                new Extraction.Rejected(RejectionReason.PATIENT_ID_PATTERN_OVER_BUDGET);
        };
    }

    private static Extraction extract(ObjectCreated event, String patientId) {
        if (patientId.getBytes(UTF_8).length > MAXIMUM_PATIENT_ID_BYTES) {
            return new Extraction.Rejected(RejectionReason.PATIENT_ID_TOO_LONG);
        }
        String eTag = unquoted(event.eTag());
        String uploadId = uploadId(event, eTag);
        if (uploadId == null) {
            return new Extraction.Rejected(RejectionReason.INVALID_SEQUENCER);
        }
        return new Extraction.Extracted(new ImageMetadata(
                new RecordKey(event.objectKey(), uploadId),
                event.bucketName(),
                event.size(),
                event.eventTime(),
                patientId,
                eTag,
                event.versionId(),
                event.sequencer()));
    }

    private static String fileName(String objectKey) {
        return objectKey.substring(objectKey.lastIndexOf('/') + 1);
    }

    /** Null for a sequencer that can not be padded. */
    private static @Nullable String uploadId(ObjectCreated event, @Nullable String eTag) {
        if (event.versionId() != null && !event.versionId().equals(NULL_VERSION)) {
            return event.versionId();
        }
        if (event.sequencer() == null) {
            return UploadTimestamp.format(event.eventTime()) + "#" + (eTag == null ? "" : eTag);
        }
        return SEQUENCER.matcher(event.sequencer()).matches() ? padded(event.sequencer()) : null;
    }

    /** S3 compares sequencers as text, the shorter one filled up with zeros on the right. */
    private static String padded(String sequencer) {
        return sequencer.toUpperCase(Locale.ROOT) + "0".repeat(SEQUENCER_DIGITS - sequencer.length());
    }

    private static @Nullable String unquoted(@Nullable String eTag) {
        if (eTag == null || eTag.length() < 2 || !eTag.startsWith("\"") || !eTag.endsWith("\"")) {
            return eTag;
        }
        String content = eTag.substring(1, eTag.length() - 1);
        return content.isEmpty() ? null : content;
    }
}
