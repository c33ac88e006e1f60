package io.datastream.imaging.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.model.S3Exception;

class InventoryBucketTest {

    private static final Instant TIME = Instant.parse("2026-11-20T09:30:00.125Z");
    private static final InventoryFolder FOLDER =
            InventoryFolder.of(TestInventoryBucket.NAME, TestInventoryBucket.FOLDER + "manifest.json");

    @TempDir
    private Path folder;

    private final TestInventoryBucket s3 = new TestInventoryBucket();

    private InventoryBucket bucket() {
        return new InventoryBucket(s3, folder);
    }

    @Test
    void findsTheNewestInventoryOfTheBucket() {
        s3.finish("daily/uploads/all/2026-11-25T01-00Z/");
        s3.finish("weekly/uploads/all/2026-11-27T01-00Z/");
        s3.finish("uploads/all/2026-11-26T01-00Z/");
        s3.finish("daily/uploads-of-others/all/2026-11-28T01-00Z/");
        s3.objects.put("daily/uploads/all/2026-11-29T01-00Z/manifest.json", new byte[0]);

        assertThat(bucket().newest(TestInventoryBucket.NAME, TestInventoryBucket.UPLOADS))
                .hasValue(InventoryFolder.of(
                        TestInventoryBucket.NAME, "weekly/uploads/all/2026-11-27T01-00Z/manifest.checksum"));
    }

    @Test
    void findsAnInventoryThatHasNoPrefix() {
        s3.finish("uploads/all/2026-11-26T01-00Z/");

        assertThat(bucket().newest(TestInventoryBucket.NAME, TestInventoryBucket.UPLOADS))
                .map(InventoryFolder::prefix)
                .hasValue("uploads/all/2026-11-26T01-00Z/");
    }

    @Test
    void findsNoneBeforeTheFirstIsThere() {
        assertThat(bucket().newest(TestInventoryBucket.NAME, TestInventoryBucket.UPLOADS))
                .isEmpty();
    }

    @Test
    void nothingOfADataFileStaysOnDisk() throws IOException {
        s3.add(List.of(TestInventoryBucket.row("patient-1.dcm", "v1", 1, TIME, "e")));
        s3.finish();
        Manifest manifest = bucket().manifest(FOLDER, TestInventoryBucket.UPLOADS);

        try (RowReader rows = bucket().open(FOLDER, manifest, manifest.files().getFirst())) {
            assertThat(rows.next().objectKey()).isEqualTo("patient-1.dcm");
        }
        s3.addContent(new byte[] {1, 2, 3});
        s3.finish();
        Manifest unreadable = bucket().manifest(FOLDER, TestInventoryBucket.UPLOADS);
        assertThatThrownBy(() ->
                        bucket().open(FOLDER, unreadable, unreadable.files().get(1)))
                .isInstanceOf(RefusedInventoryException.class)
                .hasMessageContaining("data-file-unreadable");

        try (var left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void refusesADataFileThatDoesNotFitOnDisk() {
        s3.add(List.of(TestInventoryBucket.row("patient-1.dcm", "v1", 1, TIME, "e")));
        s3.finish();
        Manifest manifest = bucket().manifest(FOLDER, TestInventoryBucket.UPLOADS);
        s3.contentLength = Long.MAX_VALUE;

        assertThatThrownBy(
                        () -> bucket().open(FOLDER, manifest, manifest.files().getFirst()))
                .hasMessage("data-file-too-large: 9223372036854775807 bytes");
    }

    @Test
    void aPassingErrorOfS3IsNoRefusal() {
        s3.finish();
        s3.errorCode = "InternalError";

        assertThatThrownBy(() -> bucket().manifest(FOLDER, TestInventoryBucket.UPLOADS))
                .isInstanceOf(S3Exception.class);
    }
}
