package io.datastream.imaging.load.ledger;

import io.datastream.imaging.metadata.ImageMetadataTable;
import io.datastream.imaging.metadata.RecordKey;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** One item of the table, as it was found there. */
public record StoredRecord(RecordKey key, Map<String, AttributeValue> attributes) {

    private static final int SEQUENCER_DIGITS = 32;

    public StoredRecord {
        attributes = Map.copyOf(attributes);
    }

    public static StoredRecord of(Map<String, AttributeValue> item) {
        return new StoredRecord(ImageMetadataTable.key(item), item);
    }

    /** The text of an attribute, or the empty text: which no right record has. */
    String text(String attribute) {
        AttributeValue value = attributes.get(attribute);
        return value == null || value.s() == null ? "" : value.s();
    }

    /** Bytes; -1 if the record does not say. */
    long fileSize() {
        AttributeValue value = attributes.get(ImageMetadataTable.FILE_SIZE);
        return value == null || value.n() == null ? -1 : Long.parseLong(value.n());
    }

    /** Sorts as the README says that readers find the newest upload of a key: by time, then by padded sequencer. */
    String order() {
        String sequencer = text(ImageMetadataTable.SEQUENCER);
        String padding = "0".repeat(Math.max(0, SEQUENCER_DIGITS - sequencer.length()));
        return text(ImageMetadataTable.UPLOAD_TIMESTAMP) + sequencer + padding;
    }
}
