package io.datastream.imaging.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.datastream.imaging.notification.ObjectCreated;
import io.datastream.imaging.notification.RejectionReason;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

class MetadataExtractorTest {

    private static final Instant TIME = Instant.parse("2026-11-23T09:30:00.129999999Z");

    private final MetadataExtractor extractor =
            new MetadataExtractor(PatientIdPattern.compile(PatientIdPattern.DEFAULT));

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "version-1, 0aB, version-1",
                "version-1, no hex, version-1",
                "-,         0aB, 0AB00000000000000000000000000000",
                "'',        0aB, 0AB00000000000000000000000000000",
                "null,      0aB, 0AB00000000000000000000000000000",
                "-, 0123456789ABCDEF0123456789abcdef, 0123456789ABCDEF0123456789ABCDEF",
                "-,         -,   2026-11-23T09:30:00.129Z#tag",
                "null,      '',  2026-11-23T09:30:00.129Z#tag",
            })
    void eachUploadOfAKeyHasAnIdOfItsOwn(@Nullable String versionId, @Nullable String sequencer, String uploadId) {
        ImageMetadata metadata = extracted(event("patient-1.dcm", "\"tag\"", versionId, sequencer));

        assertThat(metadata.key()).isEqualTo(new RecordKey("patient-1.dcm", uploadId));
    }

    @Test
    void withoutVersionSequencerAndTagTheTimeTellsUploadsApart() {
        assertThat(extracted(event("patient-1.dcm", null, null, null)).key().uploadId())
                .isEqualTo("2026-11-23T09:30:00.129Z#");
    }

    @Test
    void sequencersOfDifferentLengthSortAsS3ComparesThem() {
        String shorter = extracted(event("patient-1.dcm", null, null, "0055AED6DCD902"))
                .key()
                .uploadId();
        String longer = extracted(event("patient-1.dcm", null, null, "0055AED6DCD90281E5"))
                .key()
                .uploadId();
        String later = extracted(event("patient-1.dcm", null, null, "0055AED6DCD903"))
                .key()
                .uploadId();

        assertThat(new String[] {shorter, longer, later}).isSorted().allMatch(id -> id.length() == 32);
    }

    @Test
    void writesOnlyTheAttributesThatTheEventHas() {
        Map<String, AttributeValue> item =
                ImageMetadataTable.item(extracted(event("a/b/patient-1_x.dcm", null, null, "0A")));

        assertThat(item)
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "fileKey", AttributeValue.fromS("a/b/patient-1_x.dcm"),
                        "uploadId", AttributeValue.fromS("0A000000000000000000000000000000"),
                        "bucketName", AttributeValue.fromS("bucket"),
                        "fileSize", AttributeValue.fromN("0"),
                        "uploadTimestamp", AttributeValue.fromS("2026-11-23T09:30:00.129Z"),
                        "patientId", AttributeValue.fromS("1"),
                        "sequencer", AttributeValue.fromS("0A")));
    }

    @Test
    void keepsVersionIdAndSequencerAsTheEventHasThem() {
        Map<String, AttributeValue> item =
                ImageMetadataTable.item(extracted(event("patient-1.dcm", "\"\"", "null", "0a")));

        assertThat(item)
                .containsEntry("versionId", AttributeValue.fromS("null"))
                .containsEntry("sequencer", AttributeValue.fromS("0a"))
                .doesNotContainKey("eTag");
    }

    @Test
    void writesTheETagWithoutItsQuotes() {
        assertThat(ImageMetadataTable.item(extracted(event("patient-1.dcm", "\"tag\"", "v1", null))))
                .containsEntry("eTag", AttributeValue.fromS("tag"));
    }

    @Test
    void theKeyOfAnItemIsFoundInItAndWrittenAlone() {
        ImageMetadata metadata = extracted(event("patient-1.dcm", null, "v1", null));

        Map<String, AttributeValue> key = ImageMetadataTable.keyAttributes(metadata.key());

        assertThat(key).hasSize(2);
        assertThat(ImageMetadataTable.item(metadata)).containsAllEntriesOf(key);
        assertThat(ImageMetadataTable.key(key)).isEqualTo(metadata.key());
    }

    @Test
    void rejectsAPatientIdThatTheIndexCouldNotTake() {
        MetadataExtractor anything = new MetadataExtractor(PatientIdPattern.compile("(?<patientId>.*)"));

        assertThat(anything.extract(event("ä".repeat(1_025), null, null, null)))
                .isEqualTo(new MetadataExtractor.Extraction.Rejected(RejectionReason.PATIENT_ID_TOO_LONG));
    }

    @Test
    void takesAPatientIdAsLongAsTheIndexTakesIt() {
        MetadataExtractor anything = new MetadataExtractor(PatientIdPattern.compile("(?<patientId>.*)"));

        assertThat(anything.extract(event("ä".repeat(1_024), null, null, null)))
                .isInstanceOf(MetadataExtractor.Extraction.Extracted.class);
    }

    @Test
    void takesAnUploadIdAsLongAsTheSortKey() {
        assertThat(extracted(event("patient-1.dcm", null, "ä".repeat(512), null))
                        .key()
                        .uploadId())
                .hasSize(512);
    }

    @Test
    void recordAndKeyAreMaskedAsText() {
        ImageMetadata metadata = extracted(event("patient-4711_secret.dcm", null, null, null));

        assertThat(metadata + " " + metadata.key()).isEqualTo("ImageMetadata[masked] RecordKey[masked]");
    }

    private ImageMetadata extracted(ObjectCreated event) {
        return ((MetadataExtractor.Extraction.Extracted) extractor.extract(event)).metadata();
    }

    private static ObjectCreated event(
            String key, @Nullable String eTag, @Nullable String versionId, @Nullable String sequencer) {
        return new ObjectCreated("bucket", key, 0, TIME, eTag, versionId, sequencer);
    }
}
