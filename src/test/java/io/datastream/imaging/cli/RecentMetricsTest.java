package io.datastream.imaging.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataRequest;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataResponse;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataResult;

class RecentMetricsTest {

    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    /** Answers every query by its metric's name, the newest value first. */
    private record FakeCloudWatch(Map<String, List<Double>> values) implements CloudWatchClient {

        @Override
        public GetMetricDataResponse getMetricData(GetMetricDataRequest request) {
            assertThat(Duration.between(request.startTime(), request.endTime())).isEqualTo(Duration.ofHours(1));
            return GetMetricDataResponse.builder()
                    .metricDataResults(request.metricDataQueries().stream()
                            .map(query -> MetricDataResult.builder()
                                    .id(query.id())
                                    .values(values.getOrDefault(
                                            query.metricStat().metric().metricName(), List.of()))
                                    .build())
                            .toList())
                    .build();
        }

        @Override
        public String serviceName() {
            return "cloudwatch";
        }

        @Override
        public void close() {}
    }

    @Test
    void countsAreOfTheHourConcurrencyItsPeakAndTheAgeTheNewest() {
        FakeCloudWatch cloudWatch = new FakeCloudWatch(Map.of(
                "Invocations", List.of(5.0, 7.0),
                "Errors", List.of(1.0),
                "Throttles", List.of(0.0, 2.0),
                "ConcurrentExecutions", List.of(3.0, 9.0, 4.0),
                "ApproximateAgeOfOldestMessage", List.of(8.0, 700.0)));

        assertThat(RecentMetrics.read(cloudWatch, "imaging-ingest", "imaging-uploads", NOW))
                .isEqualTo(new RecentMetrics(12, 1, 2, 9, OptionalDouble.of(8)));
    }

    @Test
    void silenceIsZero() {
        assertThat(RecentMetrics.read(new FakeCloudWatch(Map.of()), "imaging-ingest", "imaging-uploads", NOW))
                .isEqualTo(new RecentMetrics(0, 0, 0, 0, OptionalDouble.empty()));
    }
}
