package io.datastream.imaging.reconcile;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.datastream.imaging.notification.NotificationDecoder;
import io.datastream.imaging.notification.NotificationEvent;
import io.datastream.imaging.notification.ObjectCreated;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the reconciliation of an inventory goes on: all of its state is in the message. The first message is S3's own
 * notification of {@code manifest.checksum}.
 *
 * @param inventory what is reconciled
 * @param dataFile position in the manifest, 0 or more
 * @param row number of rows of that file that are settled
 * @param milliseconds that the run has worked so far
 * @param tally of all rows that are settled
 */
record ReconcileWork(InventoryFolder inventory, int dataFile, long row, long milliseconds, Tally tally) {

    private static final JsonFactory JSON = new JsonFactory();
    private static final String BUCKET = "reconcileInventoryIn";
    private static final String MANIFEST = "manifest";
    private static final String DATA_FILE = "dataFile";
    private static final String ROW = "row";
    private static final String MILLISECONDS = "milliseconds";

    /**
     * Reads a message.
     *
     * @return one for each inventory; empty if there is rightly nothing to do; null if the message is of another kind
     * @throws RefusedInventoryException if the manifest's folder has no time
     */
    static @Nullable List<ReconcileWork> read(String body, NotificationDecoder decoder) {
        ReconcileWork own = own(body);
        if (own != null) {
            return List.of(own);
        }
        List<NotificationEvent> events = decoder.decode(body);
        if (events.stream().anyMatch(NotificationEvent.Rejected.class::isInstance)) {
            return null;
        }
        return events.stream()
                .filter(ObjectCreated.class::isInstance)
                .map(ObjectCreated.class::cast)
                .filter(created -> created.objectKey().endsWith("/" + InventoryFolder.CHECKSUM))
                .map(created -> new ReconcileWork(
                        InventoryFolder.of(created.bucketName(), created.objectKey()), 0, 0, 0, new Tally()))
                .toList();
    }

    private static @Nullable ReconcileWork own(String body) {
        String bucketName = null;
        String manifest = null;
        int dataFile = 0;
        long row = 0;
        long milliseconds = 0;
        Tally tally = new Tally();
        try (JsonParser json = JSON.createParser(body)) {
            json.nextToken();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                json.nextToken();
                switch (field) {
                    case BUCKET -> bucketName = json.getValueAsString();
                    case MANIFEST -> manifest = json.getValueAsString();
                    case DATA_FILE -> dataFile = json.getIntValue();
                    case ROW -> row = json.getLongValue();
                    case MILLISECONDS -> milliseconds = json.getLongValue();
                    default -> {
                        for (Finding finding : Finding.values()) {
                            if (finding.label().equals(field)) {
                                tally.add(finding, json.getLongValue());
                            }
                        }
                        json.skipChildren();
                    }
                }
            }
        } catch (IOException notOwn) {
            return null;
        }
        return bucketName == null || manifest == null
                ? null
                : new ReconcileWork(InventoryFolder.of(bucketName, manifest), dataFile, row, milliseconds, tally);
    }

    /** The message's body. */
    String body() {
        StringWriter body = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(body)) {
            json.writeStartObject();
            json.writeStringField(BUCKET, inventory.bucketName());
            json.writeStringField(MANIFEST, inventory.manifestKey());
            json.writeNumberField(DATA_FILE, dataFile);
            json.writeNumberField(ROW, row);
            json.writeNumberField(MILLISECONDS, milliseconds);
            for (Finding finding : Finding.values()) {
                json.writeNumberField(finding.label(), tally.of(finding));
            }
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException("writing to memory", impossible);
        }
        return body.toString();
    }
}
