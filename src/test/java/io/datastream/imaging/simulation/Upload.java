package io.datastream.imaging.simulation;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * One version of an object, with its event and the item that it must become. The item is written down here a second
 * time, independently of the code under test.
 *
 * @param number tells uploads apart, 1 or more
 * @param key which of the keys, 0 or more
 * @param kind what the name of the file means to the function
 * @param identity what tells the uploads of a key apart
 * @param at milliseconds since the start
 */
record Upload(int number, int key, Kind kind, Identity identity, long at) {

    /** What the name of the file means to the function. */
    enum Kind {
        /** The name has a patient ID. */
        GOOD,
        /** The name has a patient ID for the pattern that is deployed later, and none for the first. */
        GOOD_FOR_LATER_PATTERN,
        /** The name has no patient ID. */
        NO_PATIENT_ID,
        /** DynamoDB refuses the item, for a reason that the function does not know. */
        REFUSED_BY_TABLE
    }

    /** What the bucket and its events have. */
    enum Identity {
        VERSION_ID,
        SEQUENCER,
        TIME
    }

    /** In every file name: nothing that the function prints may contain it. */
    static final String MARK = "MARK";

    static final String BUCKET = "radiology-uploads";

    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    /** Names in which a second decoding, or none, makes another key. */
    private static final String[][] NAMES = {
        {"ward 7/", "_MARK.dcm"},
        {"", "_MARK+1.DCM"},
        {"ward%2F7/", "_MARK 100%25.dcm"},
        {"Größe/", "_MARK_Übersicht 🩻.dcm"},
        {"", "_MARK&x=y;z.dcm"}
    };

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    /** The decoded object key. */
    String fileKey() {
        String start =
                switch (kind) {
                    case GOOD -> "patient-" + patientId();
                    case GOOD_FOR_LATER_PATTERN -> "scan-" + patientId();
                    case NO_PATIENT_ID -> "nobody";
                    case REFUSED_BY_TABLE -> "patient-" + patientId() + "_refused";
                };
        String[] name = NAMES[key % NAMES.length];
        return name[0] + start + name[1];
    }

    private String patientId() {
        return "00" + (100 + key);
    }

    /** Lengths differ, so that order as numbers is not the order of the padded texts. */
    private String sequencer() {
        String digits = HEX.toHexDigits(number, 4);
        return number % 2 == 0 ? "0055AED6" + digits + "1" : "55AED6DCD90281E5" + digits + "F";
    }

    private String versionId() {
        return "v" + HEX.toHexDigits(number * 0x9E3779B1);
    }

    private String eTag() {
        return HEX.toHexDigits(0x9B2CF535F27731C9L) + HEX.toHexDigits((long) number);
    }

    /** Beyond 32 bits for some, and 0 for some. */
    private long size() {
        return number % 5 == 0 ? 0 : number * 700_000_000L;
    }

    private Instant eventTime() {
        return SimulatedTime.START.plusMillis(at).plusNanos(number * 1_000L);
    }

    /** As S3 lists it, to the second. */
    Instant lastModified() {
        return eventTime().truncatedTo(ChronoUnit.SECONDS);
    }

    private String uploadTimestamp() {
        return TIMESTAMP.format(eventTime());
    }

    String uploadId() {
        return switch (identity) {
            case VERSION_ID -> versionId();
            case SEQUENCER -> (sequencer() + "0".repeat(32)).substring(0, 32);
            case TIME -> uploadTimestamp() + "#" + eTag();
        };
    }

    /** The item that the table must have in the end. */
    Map<String, AttributeValue> item() {
        Map<String, AttributeValue> item = new HashMap<>();
        item.put("fileKey", AttributeValue.fromS(fileKey()));
        item.put("uploadId", AttributeValue.fromS(uploadId()));
        item.put("bucketName", AttributeValue.fromS(BUCKET));
        item.put("fileSize", AttributeValue.fromN(Long.toString(size())));
        item.put("uploadTimestamp", AttributeValue.fromS(uploadTimestamp()));
        item.put("patientId", AttributeValue.fromS(patientId()));
        item.put("eTag", AttributeValue.fromS(eTag()));
        switch (identity) {
            case VERSION_ID -> {
                item.put("versionId", AttributeValue.fromS(versionId()));
                item.put("sequencer", AttributeValue.fromS(sequencer()));
            }
            case SEQUENCER -> item.put("sequencer", AttributeValue.fromS(sequencer()));
            case TIME -> {}
        }
        return item;
    }

    /** The item that it must have if S3 never notified it, apart from the inventory's name. */
    Map<String, AttributeValue> repairedItem() {
        Map<String, AttributeValue> item = item();
        item.put("uploadTimestamp", AttributeValue.fromS(TIMESTAMP.format(lastModified())));
        item.put("recordedBy", AttributeValue.fromS("reconcile"));
        item.remove("sequencer");
        return item;
    }

    /** In the inventory's CSV. */
    String inventoryRow() {
        String version = identity == Identity.VERSION_ID ? versionId() : "";
        return "\"" + BUCKET + "\",\"" + URLEncoder.encode(fileKey(), StandardCharsets.UTF_8) + "\",\"" + version
                + "\",\"true\",\"false\",\"" + size() + "\",\"" + lastModified() + "\",\"" + eTag() + "\"";
    }

    /** One element of an S3 event's records. */
    String s3Record() {
        String identifiers =
                switch (identity) {
                    case VERSION_ID -> ",\"versionId\":\"" + versionId() + "\",\"sequencer\":\"" + sequencer() + "\"";
                    case SEQUENCER -> ",\"versionId\":null,\"sequencer\":\"" + sequencer() + "\"";
                    case TIME -> "";
                };
        return "{\"eventVersion\":\"2.1\",\"eventSource\":\"aws:s3\",\"eventTime\":\"" + eventTime()
                + "\",\"eventName\":\"ObjectCreated:Put\",\"s3\":{\"bucket\":{\"name\":\"" + BUCKET
                + "\"},\"object\":{\"key\":\"" + URLEncoder.encode(fileKey(), StandardCharsets.UTF_8)
                + "\",\"size\":" + size() + ",\"eTag\":\"" + eTag() + "\"" + identifiers + "}}}";
    }

    /** The whole event as EventBridge sends it. */
    String eventBridgeEvent() {
        String identifiers =
                switch (identity) {
                    case VERSION_ID -> ",\"version-id\":\"" + versionId() + "\",\"sequencer\":\"" + sequencer() + "\"";
                    case SEQUENCER -> ",\"sequencer\":\"" + sequencer() + "\"";
                    case TIME -> "";
                };
        return "{\"version\":\"0\",\"detail-type\":\"Object Created\",\"source\":\"aws.s3\",\"time\":\"" + eventTime()
                + "\",\"detail\":{\"version\":\"0\",\"bucket\":{\"name\":\"" + BUCKET + "\"},\"object\":{\"key\":\""
                + fileKey() + "\",\"size\":" + size() + ",\"etag\":\"\\\"" + eTag() + "\\\"\"" + identifiers
                + "}}}";
    }
}
