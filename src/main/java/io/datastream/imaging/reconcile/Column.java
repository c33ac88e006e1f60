package io.datastream.imaging.reconcile;

/** The columns of an inventory that are compared. The others do not matter. */
enum Column {
    BUCKET("Bucket"),
    KEY("Key"),
    VERSION_ID("VersionId"),
    IS_DELETE_MARKER("IsDeleteMarker"),
    SIZE("Size"),
    LAST_MODIFIED("LastModifiedDate"),
    E_TAG("ETag");

    /** As a manifest's {@code fileSchema} spells it. */
    final String label;

    Column(String label) {
        this.label = label;
    }
}
