package io.datastream.imaging.reconcile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestTest {

    private static final String MANIFEST =
            """
            {
              "sourceBucket" : "uploads",
              "destinationBucket" : "arn:aws:s3:::inventories",
              "version" : "2016-11-30",
              "creationTimestamp" : "1514944800000",
              "fileFormat" : "CSV",
              "fileSchema" : "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass",
              "files" : [ {
                "key" : "daily/uploads/all/data/d794c570.csv.gz",
                "size" : 2147483648,
                "MD5checksum" : "f11166069f1990abeb9c97ace9cdfabc"
              } ]
            }""";

    @Test
    void readsWhatS3Writes() {
        Manifest manifest = Manifest.parse(MANIFEST.getBytes(UTF_8));

        assertThat(manifest.sourceBucket()).isEqualTo("uploads");
        assertThat(manifest.columns())
                .containsExactly(
                        Column.BUCKET,
                        Column.KEY,
                        Column.VERSION_ID,
                        null,
                        Column.IS_DELETE_MARKER,
                        Column.SIZE,
                        Column.LAST_MODIFIED,
                        Column.E_TAG,
                        null);
        assertThat(manifest.files())
                .containsExactly(new Manifest.DataFile(
                        "daily/uploads/all/data/d794c570.csv.gz", 2_147_483_648L, "f11166069f1990abeb9c97ace9cdfabc"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    "CSV"              | "ORC"            | FORMAT_UNSUPPORTED
                    "CSV"              | "Parquet"        | FORMAT_UNSUPPORTED
                    "fileFormat"       | "format"         | MANIFEST_UNREADABLE
                    "sourceBucket"     | "source"         | MANIFEST_UNREADABLE
                    "files" :          | "file" :         | MANIFEST_UNREADABLE
                    "files" : [        | "files" : [ 1,   | MANIFEST_UNREADABLE
                    "MD5checksum"      | "md5"            | MANIFEST_UNREADABLE
                    "fileSchema" : "   | "fileSchema" : 1 | MANIFEST_UNREADABLE
                    VersionId,         | Version,         | FIELD_MISSING
                    IsDeleteMarker,    | DeleteMarker,    | FIELD_MISSING
                    ETag,              | ,                | FIELD_MISSING
                    LastModifiedDate,  | ,                | FIELD_MISSING
                    """)
    void refuses(String part, String replacement, RefusalReason reason) {
        String manifest = MANIFEST.replace(part, replacement);
        assertThat(manifest).isNotEqualTo(MANIFEST);

        assertThatThrownBy(() -> Manifest.parse(manifest.getBytes(UTF_8)))
                .isInstanceOfSatisfying(RefusedInventoryException.class, refused -> assertThat(refused.reason())
                        .isEqualTo(reason));
    }

    @ParameterizedTest
    @CsvSource({"'{'", "'[]'", "''", "'{}'", "'null'", "'{\"files\":{}}'"})
    void refusesWhatIsNoManifest(String text) {
        assertThatThrownBy(() -> Manifest.parse(text.getBytes(UTF_8)))
                .isInstanceOfSatisfying(RefusedInventoryException.class, refused -> assertThat(refused.reason())
                        .isEqualTo(RefusalReason.MANIFEST_UNREADABLE));
    }

    @Test
    void readsTheScanTimeFromTheFolder() {
        InventoryFolder folder =
                InventoryFolder.of("inventories", "daily/uploads/all/2026-11-27T01-05Z/manifest.checksum");

        assertThat(folder.scanTime()).isEqualTo("2026-11-27T01:05:00Z");
        assertThat(folder.name()).isEqualTo("2026-11-27T01-05Z");
        assertThat(folder.manifestKey()).isEqualTo("daily/uploads/all/2026-11-27T01-05Z/manifest.json");
        assertThatThrownBy(() -> InventoryFolder.of("inventories", "hive/manifest.checksum"))
                .hasMessage("no-scan-time");
    }
}
