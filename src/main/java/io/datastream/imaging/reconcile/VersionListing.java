package io.datastream.imaging.reconcile;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsResponse;
import software.amazon.awssdk.services.s3.model.ObjectVersion;

/** The versions of a bucket's objects as they are now, page by page: 1,000 versions a request. */
public final class VersionListing {

    /**
     * Where a listing goes on.
     *
     * @param key after this key, or in it
     * @param versionId after this version of it; null for after all of them
     */
    public record Position(String key, @Nullable String versionId) {}

    private final S3Client s3;
    private final String bucketName;
    private final @Nullable String keyPrefix;
    private @Nullable Position position;
    private boolean isAtEnd;

    /**
     * Makes a listing.
     *
     * @param keyPrefix of the keys that are listed; null for all
     * @param start null for the beginning
     */
    public VersionListing(S3Client s3, String bucketName, @Nullable String keyPrefix, @Nullable Position start) {
        this.s3 = s3;
        this.bucketName = bucketName;
        this.keyPrefix = keyPrefix;
        this.position = start;
    }

    /** Whether all pages have been read. */
    public boolean isAtEnd() {
        return isAtEnd;
    }

    /** After the last page that was read; null at the beginning. */
    public @Nullable Position position() {
        return position;
    }

    /**
     * The rows of the next pages, which are requested when they are needed. Delete markers are not among them.
     *
     * @param number of pages, 1 or more
     */
    public Iterator<InventoryRow> pages(int number) {
        return new Iterator<>() {
            private final Queue<InventoryRow> rows = new ArrayDeque<>();
            private int pagesLeft = number;

            @Override
            public boolean hasNext() {
                while (rows.isEmpty() && pagesLeft > 0 && !isAtEnd) {
                    pagesLeft--;
                    readPage(rows);
                }
                return !rows.isEmpty();
            }

            @Override
            public InventoryRow next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return rows.remove();
            }
        };
    }

    private void readPage(Queue<InventoryRow> rows) {
        Position from = position;
        ListObjectVersionsResponse page = s3.listObjectVersions(list -> list.bucket(bucketName)
                .prefix(keyPrefix)
                .keyMarker(from == null ? null : from.key())
                .versionIdMarker(from == null ? null : from.versionId()));
        page.versions().forEach(version -> rows.add(row(version)));
        isAtEnd = !Boolean.TRUE.equals(page.isTruncated());
        position = isAtEnd ? null : new Position(page.nextKeyMarker(), page.nextVersionIdMarker());
    }

    private static InventoryRow row(ObjectVersion version) {
        String eTag = version.eTag() == null ? null : version.eTag().replace("\"", "");
        return new InventoryRow(
                version.key(), version.versionId(), false, version.size(), version.lastModified(), eTag);
    }
}
