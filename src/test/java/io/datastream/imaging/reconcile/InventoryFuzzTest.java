package io.datastream.imaging.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.datastream.imaging.notification.NotificationDecoder;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as a manifest, as a data file, as a message. In the suite only the seeds are run. */
class InventoryFuzzTest {

    private static final String MANIFEST =
            """
            {"sourceBucket":"uploads","fileFormat":"CSV","fileSchema":"%s","files":[{"key":"a","size":1,"MD5checksum":"0"}]}"""
                    .formatted(TestInventoryBucket.SCHEMA);

    static Stream<byte[]> manifests() {
        return Stream.of(MANIFEST, "{}", "", "[1]", MANIFEST.replace("Key", "key"))
                .map(InventoryFuzzTest::bytes);
    }

    /** A manifest is read or refused, and nothing else. */
    @MethodSource("manifests")
    @FuzzTest(maxDuration = "4m")
    void readsOrRefusesAnyManifest(byte[] json) {
        if (json == null) {
            return;
        }
        try {
            assertThat(Manifest.parse(json).files()).isNotNull();
        } catch (RefusedInventoryException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
        }
    }

    static Stream<byte[]> dataFiles() {
        String row =
                TestInventoryBucket.row("ward 7/patient-1_a+b.dcm", "v1", 5, TestInventoryBucket.SCAN_TIME, "0123");
        return Stream.of(
                        row,
                        row + "\n" + TestInventoryBucket.deleteMarker("k", "v", TestInventoryBucket.SCAN_TIME),
                        row.substring(0, 20),
                        "\"\"\"",
                        row.replace("5", "x"))
                .map(InventoryFuzzTest::bytes);
    }

    /** Every row has a key, or the file is refused. */
    @MethodSource("dataFiles")
    @FuzzTest(maxDuration = "4m")
    void readsOrRefusesAnyRows(byte[] csv) {
        if (csv == null) {
            return;
        }
        byte[] compressed = TestInventoryBucket.gzip(new String(csv, StandardCharsets.UTF_8));
        try (RowReader rows = new RowReader(new ByteArrayInputStream(compressed), Manifest.parse(bytes(MANIFEST)))) {
            while (rows.hasNext()) {
                InventoryRow row = rows.next();
                assertThat(row.objectKey()).isNotEmpty();
                assertThat(row.size()).isNotNegative();
            }
        } catch (RefusedInventoryException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
        }
    }

    static Stream<String> messages() {
        return Stream.of(
                TestInventoryBucket.notification(),
                new ReconcileWork(
                                InventoryFolder.of(
                                        TestInventoryBucket.NAME, TestInventoryBucket.FOLDER + "manifest.json"),
                                1,
                                2,
                                3,
                                new Tally())
                        .body(),
                "{\"reconcileInventoryIn\":\"b\",\"manifest\":\"x\"}",
                "{\"reconcileInventoryIn\":1}");
    }

    /** A message is work, nothing, of another kind, or refused. */
    @MethodSource("messages")
    @FuzzTest(maxDuration = "4m")
    void readsAnyMessage(String body) {
        if (body == null) {
            return;
        }
        try {
            List<ReconcileWork> works = ReconcileWork.read(body, new NotificationDecoder());
            if (works != null) {
                assertThat(works).doesNotContainNull();
            }
        } catch (RefusedInventoryException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
