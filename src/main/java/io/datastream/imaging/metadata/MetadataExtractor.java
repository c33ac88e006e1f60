package io.datastream.imaging.metadata;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.datastream.imaging.notification.ObjectCreated;
import io.datastream.imaging.notification.RejectionReason;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes the record of an upload from its event alone. */
public final class MetadataExtractor {

    /** The record of an event, or the reason why it has none. */
    public sealed interface Extraction {

        record Extracted(ImageMetadata metadata) implements Extraction {}

        record Rejected(RejectionReason reason) implements Extraction {}
    }

    /** All sequencers are padded to this length so that they sort as text. S3's have 16 to 18 digits. */
    private static final int SEQUENCER_DIGITS = 32;

    /**
     * DynamoDB's limit for a partition key, here that of the index.
     *
     * @see <a href="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html">Quotas</a>
     */
    private static final int MAXIMUM_PATIENT_ID_BYTES = 2_048;

    /** DynamoDB's limit for a sort key. */
    private static final int MAXIMUM_UPLOAD_ID_BYTES = 1_024;

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
     * @return always the same for the same event
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
        if (uploadId.getBytes(UTF_8).length > MAXIMUM_UPLOAD_ID_BYTES) {
            return new Extraction.Rejected(RejectionReason.UPLOAD_ID_TOO_LONG);
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

    /** The upload ID; null for a sequencer that is not hexadecimal or too long to be padded. */
    private static @Nullable String uploadId(ObjectCreated event, @Nullable String eTag) {
        if (event.versionId() != null && !event.versionId().equals(NULL_VERSION)) {
            return event.versionId();
        }
        if (event.sequencer() == null) {
            return UploadTimestamp.format(event.eventTime()) + "#" + (eTag == null ? "" : eTag);
        }
        return SEQUENCER.matcher(event.sequencer()).matches() ? padded(event.sequencer()) : null;
    }

    /** S3 compares sequencers as text, after padding the shorter one with zeros on the right. */
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
