package io.datastream.imaging.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.DeleteMarkerEntry;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsRequest;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsResponse;
import software.amazon.awssdk.services.s3.model.ObjectVersion;

class VersionListingTest {

    private static final Instant TIME = Instant.parse("2026-11-20T09:30:00Z");
    private static final int VERSIONS_IN_A_PAGE = 2;

    /** Lists versions of one key, two a page. */
    private static final class TestS3 implements S3Client {
        private final List<ObjectVersion> versions = new ArrayList<>();
        private final List<ListObjectVersionsRequest> requests = new ArrayList<>();

        @Override
        public ListObjectVersionsResponse listObjectVersions(ListObjectVersionsRequest request) {
            requests.add(request);
            int from = request.keyMarker() == null
                    ? 0
                    : 1
                            + IntStream.range(0, versions.size())
                                    .filter(number -> Objects.equals(
                                                    versions.get(number).key(), request.keyMarker())
                                            && Objects.equals(
                                                    versions.get(number).versionId(), request.versionIdMarker()))
                                    .findFirst()
                                    .orElseThrow();
            int to = Math.min(versions.size(), from + VERSIONS_IN_A_PAGE);
            ListObjectVersionsResponse.Builder page = ListObjectVersionsResponse.builder()
                    .versions(versions.subList(from, to))
                    .deleteMarkers(DeleteMarkerEntry.builder()
                            .key("patient-1.dcm")
                            .versionId("deletion")
                            .build())
                    .isTruncated(to < versions.size());
            if (to < versions.size()) {
                page.nextKeyMarker(versions.get(to - 1).key())
                        .nextVersionIdMarker(versions.get(to - 1).versionId());
            }
            return page.build();
        }

        void add(int number) {
            versions.add(ObjectVersion.builder()
                    .key("patient-1.dcm")
                    .versionId("v" + number)
                    .size((long) number)
                    .lastModified(TIME)
                    .eTag("\"e" + number + "\"")
                    .build());
        }

        @Override
        public String serviceName() {
            return SERVICE_NAME;
        }

        @Override
        public void close() {}
    }

    private final TestS3 s3 = new TestS3();

    private static InventoryRow row(int number) {
        return new InventoryRow("patient-1.dcm", "v" + number, false, number, TIME, "e" + number);
    }

    private VersionListing listing(VersionListing.@Nullable Position start) {
        return new VersionListing(s3, "uploads", "a/", start);
    }

    @Test
    void listsAllVersionsAndNoDeleteMarkers() {
        IntStream.range(0, 5).forEach(s3::add);
        VersionListing listing = listing(null);

        assertThat(listing.pages(10)).toIterable().containsExactly(row(0), row(1), row(2), row(3), row(4));

        assertThat(listing.isAtEnd()).isTrue();
        assertThat(listing.position()).isNull();
        assertThat(s3.requests)
                .hasSize(3)
                .allSatisfy(request -> assertThat(request.prefix()).isEqualTo("a/"))
                .allSatisfy(request -> assertThat(request.bucket()).isEqualTo("uploads"));
    }

    @Test
    void requestsAPageWhenItIsNeeded() {
        IntStream.range(0, 5).forEach(s3::add);
        Iterator<InventoryRow> rows = listing(null).pages(2);
        assertThat(s3.requests).isEmpty();

        assertThat(rows.next()).isEqualTo(row(0));
        assertThat(rows.next()).isEqualTo(row(1));
        assertThat(s3.requests).hasSize(1);
        assertThat(rows.hasNext()).isTrue();
        assertThat(s3.requests).hasSize(2);
    }

    @Test
    void goesOnWhereAnEarlierListingEnded() {
        IntStream.range(0, 5).forEach(s3::add);
        VersionListing first = listing(null);
        assertThat(first.pages(1)).toIterable().containsExactly(row(0), row(1));
        assertThat(first.isAtEnd()).isFalse();
        assertThat(first.position()).isEqualTo(new VersionListing.Position("patient-1.dcm", "v1"));

        VersionListing second = listing(first.position());

        assertThat(second.position()).isEqualTo(first.position());
        assertThat(second.pages(1)).toIterable().containsExactly(row(2), row(3));
        assertThat(second.pages(1)).toIterable().containsExactly(row(4));
        assertThat(second.isAtEnd()).isTrue();
    }

    @Test
    void hasNoRowAfterTheLastOne() {
        s3.add(0);
        Iterator<InventoryRow> rows = listing(null).pages(1);
        rows.next();

        assertThat(rows.hasNext()).isFalse();
        assertThatThrownBy(rows::next).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void aVersionWithoutETagHasNone() {
        s3.versions.add(ObjectVersion.builder()
                .key("patient-1.dcm")
                .versionId("null")
                .size(1L)
                .lastModified(TIME)
                .build());

        assertThat(listing(null).pages(1).next())
                .isEqualTo(new InventoryRow("patient-1.dcm", "null", false, 1, TIME, null));
    }
}
