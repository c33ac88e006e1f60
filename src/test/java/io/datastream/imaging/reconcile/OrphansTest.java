package io.datastream.imaging.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ScanRequest;
import software.amazon.awssdk.services.dynamodb.model.ScanResponse;

class OrphansTest {

    private static final Instant SCAN_TIME = Instant.parse("2026-11-27T01:00:00Z");
    private static final Instant EARLIER = SCAN_TIME.minusSeconds(1);
    private static final int ITEMS_IN_A_PAGE = 10;

    /** A table that is read page by page. */
    private static final class TestScan implements DynamoDbClient {
        private final List<Map<String, AttributeValue>> items = new ArrayList<>();
        private int pages;

        @Override
        public ScanResponse scan(ScanRequest request) {
            assertThat(request.tableName()).isEqualTo("ImageMetadata");
            List<String> attributes = List.of(request.projectionExpression().split(", "));
            int from = request.hasExclusiveStartKey()
                    ? Integer.parseInt(request.exclusiveStartKey().get("from").n())
                    : 0;
            int to = Math.min(items.size(), from + ITEMS_IN_A_PAGE);
            pages++;
            return ScanResponse.builder()
                    .items(items.subList(from, to).stream()
                            .map(item -> {
                                Map<String, AttributeValue> projected = new HashMap<>(item);
                                projected.keySet().retainAll(attributes);
                                return projected;
                            })
                            .toList())
                    .lastEvaluatedKey(
                            to == items.size() ? Map.of() : Map.of("from", AttributeValue.fromN(Integer.toString(to))))
                    .build();
        }

        @Override
        public String serviceName() {
            return SERVICE_NAME;
        }

        @Override
        public void close() {}
    }

    private final TestScan table = new TestScan();
    private final Orphans orphans = new Orphans();

    private void record(String key, String uploadId, @Nullable String versionId, Instant time) {
        Map<String, AttributeValue> item = new HashMap<>(Map.of(
                "fileKey", AttributeValue.fromS(key),
                "uploadId", AttributeValue.fromS(uploadId),
                "fileSize", AttributeValue.fromN("1"),
                "uploadTimestamp", AttributeValue.fromS(time.toString())));
        if (versionId != null) {
            item.put("versionId", AttributeValue.fromS(versionId));
        }
        table.items.add(item);
    }

    private void object(String key, @Nullable String versionId) {
        orphans.add(new InventoryRow(key, versionId, false, 1, EARLIER, null));
    }

    private long count(@Nullable String keyPrefix, BooleanSupplier cancelled) {
        return orphans.count(table, "ImageMetadata", keyPrefix, SCAN_TIME, cancelled);
    }

    private long count() {
        return count(null, () -> false);
    }

    @Test
    void countsTheRecordsWhoseObjectIsGone() {
        IntStream.range(0, 5_000).forEach(number -> {
            record("patient-" + number + ".dcm", "v" + number, "v" + number, EARLIER);
            if (number % 100 != 7) {
                object("patient-" + number + ".dcm", "v" + number);
            }
        });

        assertThat(count()).isEqualTo(50);
        assertThat(table.pages).isEqualTo(500);
    }

    @Test
    void aVersionIsTheObjectOfItsOwnRecordOnly() {
        record("patient-1.dcm", "v1", "v1", EARLIER);
        record("patient-1.dcm", "v2", "v2", EARLIER);
        record("patient-2.dcm", "v1", "v1", EARLIER);
        object("patient-1.dcm", "v2");

        assertThat(count()).isEqualTo(2);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "without version ID,       a/patient-1.dcm, #0A, ,   2026-11-27T00:59:59Z, 0",
        "uploaded when S3 listed,  a/patient-1.dcm, v1,  v1, 2026-11-27T01:00:00Z, 0",
        "uploaded before,          a/patient-1.dcm, v1,  v1, 2026-11-27T00:59:59Z, 1",
        "under another key prefix, b/patient-1.dcm, v1,  v1, 2026-11-27T00:59:59Z, 0",
    })
    void comparesOnlyWhatTheListingShouldHave(
            String name, String key, String uploadId, @Nullable String versionId, Instant time, int expected) {
        record(key, uploadId, versionId, time);

        assertThat(count("a/", () -> false)).as(name).isEqualTo(expected);
    }

    @Test
    void anObjectWithoutVersionIdBelongsToNoRecord() {
        object("patient-1.dcm", null);
        record("patient-1.dcm", "null", "null", EARLIER);

        assertThat(count()).isEqualTo(1);
    }

    @Test
    void aCancelledCountEndsAfterThePage() {
        IntStream.range(0, 100).forEach(number -> record("patient-1.dcm", "v" + number, "v" + number, EARLIER));

        assertThat(count(null, () -> true)).isEqualTo(ITEMS_IN_A_PAGE);
        assertThat(table.pages).isEqualTo(1);
    }
}
