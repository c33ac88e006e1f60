package io.datastream.imaging.reconcile;

import static io.datastream.imaging.reconcile.TestInventoryBucket.gzip;
import static io.datastream.imaging.reconcile.TestInventoryBucket.quoted;
import static io.datastream.imaging.reconcile.TestInventoryBucket.row;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RowReaderTest {

    private static final Instant TIME = Instant.parse("2026-11-20T09:30:00.125Z");

    private static final Manifest MANIFEST = new Manifest(
            "uploads",
            Arrays.asList(
                    Column.BUCKET,
                    Column.KEY,
                    Column.VERSION_ID,
                    null,
                    Column.IS_DELETE_MARKER,
                    Column.SIZE,
                    Column.LAST_MODIFIED,
                    Column.E_TAG,
                    null),
            List.of());

    private static RowReader reader(byte[] content) {
        return new RowReader(new ByteArrayInputStream(content), MANIFEST);
    }

    private static List<InventoryRow> rows(String csv) {
        List<InventoryRow> rows = new ArrayList<>();
        try (RowReader reader = reader(gzip(csv))) {
            reader.forEachRemaining(rows::add);
        }
        return rows;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "patient-1.dcm",
                "a folder/patient-1_å+ß & co.dcm",
                "quotes\"and,commas\nand lines%2B.dcm",
                "plain-%25-percent.dcm",
                "한국어/患者.dcm"
            })
    void readsKeysOfEveryShape(String key) {
        assertThat(rows(row(key, "v1", 3, TIME, "abc")))
                .containsExactly(new InventoryRow(key, "v1", false, 3, TIME, "abc"));
    }

    @Test
    void readsAKeyOf1024BytesOfEmoji() {
        String key = "\uD83E\uDE7B".repeat(256);

        assertThat(rows(row(key, "v1", 3, TIME, "abc")).getFirst().objectKey()).isEqualTo(key);
    }

    @Test
    void readsAbsentVersionAndETagAndDeleteMarkers() {
        assertThat(rows(row("a.dcm", null, 0, TIME, "") + "\n" + TestInventoryBucket.deleteMarker("a.dcm", "v2", TIME)))
                .containsExactly(
                        new InventoryRow("a.dcm", null, false, 0, TIME, null),
                        new InventoryRow("a.dcm", "v2", true, 0, TIME, null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-02-28T23:59:59.999Z",
                "2024-02-29T00:00:00.000Z",
                "2026-11-20T09:30:00Z",
                "2026-11-20T09:30:00.1Z"
            })
    void readsTimesAsTheJdkDoes(String time) {
        String line = quoted("uploads", "a.dcm", "v", "true", "false", "1", time, "e", "S");

        assertThat(rows(line).getFirst().lastModified()).isEqualTo(Instant.parse(time));
    }

    @Test
    void countsTheBytesThatItReads() {
        byte[] content = gzip(row("a.dcm", "v", 1, TIME, "") + "\n");
        try (RowReader reader = reader(content)) {
            reader.forEachRemaining(row -> {});

            assertThat(reader.bytesRead()).isCloseTo(content.length, within(10L));
        }
    }

    @Test
    void closesItsContent() {
        AtomicBoolean isClosed = new AtomicBoolean();
        new RowReader(
                        new ByteArrayInputStream(gzip("")) {
                            @Override
                            public void close() {
                                isClosed.set(true);
                            }
                        },
                        MANIFEST)
                .close();

        assertThat(isClosed).isTrue();
    }

    @Test
    void skipsRows() {
        try (RowReader reader =
                reader(gzip(row("a.dcm", "v", 1, TIME, "") + "\n" + row("b.dcm", "v", 1, TIME, "") + "\n"))) {
            reader.skip(1);
            assertThat(reader.next().objectKey()).isEqualTo("b.dcm");
            reader.skip(5);
            assertThat(reader.hasNext()).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            textBlock =
                    """
                    foreign, patient-1.dcm, v, true, false, 1,  2026-11-20T09:30:00.125Z, e, S, FOREIGN_BUCKET
                    uploads, patient-%.dcm, v, true, false, 1,  2026-11-20T09:30:00.125Z, e, S, ROW_UNREADABLE
                    uploads, %FF.dcm,       v, true, false, 1,  2026-11-20T09:30:00.125Z, e, S, ROW_UNREADABLE
                    uploads, ``,            v, true, false, 1,  2026-11-20T09:30:00.125Z, e, S, ROW_UNREADABLE
                    uploads, patient-1.dcm, v, true, maybe, 1,  2026-11-20T09:30:00.125Z, e, S, ROW_UNREADABLE
                    uploads, patient-1.dcm, v, true, false, -1, 2026-11-20T09:30:00.125Z, e, S, ROW_UNREADABLE
                    uploads, patient-1.dcm, v, true, false, ``, 2026-11-20T09:30:00.125Z, e, S, ROW_UNREADABLE
                    uploads, patient-1.dcm, v, true, false, 1,  yesterday,                e, S, ROW_UNREADABLE
                    uploads, patient-1.dcm, v, true, false, 1,  2026-02-29T09:30:00.125Z, e, S, ROW_UNREADABLE
                    uploads, patient-1.dcm, v, true, false, 1,  2026-11-20T25:30:00.125Z, e, S, ROW_UNREADABLE
                    uploads, patient-1.dcm, v, true, false, 1,  2026-xx-20T09:30:00.125Z, e, S, ROW_UNREADABLE
                    uploads, patient-1.dcm, v, true, false, 1,  2026-11-20x09:30:00.125Z, e, S, ROW_UNREADABLE
                    uploads, patient-1.dcm, v, true, false, 1,  2026-11-20T09:30:00x125Z, e, S, ROW_UNREADABLE
                    uploads, patient-1.dcm, v, true, false, 1,  2026-11-20T09:30:00.125x, e, S, ROW_UNREADABLE
                    """)
    void refusesARow(
            String bucket,
            String key,
            String version,
            String latest,
            String deleteMarker,
            String size,
            String time,
            String eTag,
            String storageClass,
            RefusalReason reason) {
        assertRefused(gzip(quoted(bucket, key, version, latest, deleteMarker, size, time, eTag, storageClass)), reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"uploads\",\"patient-1.dcm\",\"v\"",
                "\"uploads\",\"patient-1.dcm\",\"v\",\"true\",\"false\",\"1\",\"2026-11-20T09:30:00.125Z\",\"e\"",
                "\"uploads\",\"patient-1.dcm\",\"v\",\"true\",\"false\",\"1\",\"2026-11-20T09:30:00.125Z\",\"e\",\"S\",\"x\"",
            })
    void refusesARowOfTooFewOrTooManyFields(String line) {
        assertRefused(gzip(line + "\n"), RefusalReason.ROW_UNREADABLE);
    }

    @Test
    void refusesWhatIsNotGzipNotUtf8OrCutOff() {
        byte[] whole = gzip((row("patient-1.dcm", "v", 1, TIME, "e") + "\n").repeat(1_000));

        assertRefused("Bucket,Key".getBytes(UTF_8), RefusalReason.DATA_FILE_UNREADABLE);
        assertRefused(new byte[0], RefusalReason.DATA_FILE_UNREADABLE);
        assertRefused(Arrays.copyOf(whole, whole.length - 20), RefusalReason.DATA_FILE_UNREADABLE);
        assertRefused(notUtf8(), RefusalReason.DATA_FILE_UNREADABLE);
    }

    private static byte[] notUtf8() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write("\"uploads\",\"\u00e5.dcm\"".getBytes(ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void assertRefused(byte[] content, RefusalReason reason) {
        assertThatThrownBy(() -> {
                    try (RowReader reader = reader(content)) {
                        while (reader.hasNext()) {
                            reader.next();
                        }
                    }
                })
                .isInstanceOfSatisfying(RefusedInventoryException.class, refused -> {
                    assertThat(refused.reason()).isEqualTo(reason);
                    assertThat(refused.getMessage()).doesNotContain("patient");
                });
    }
}
