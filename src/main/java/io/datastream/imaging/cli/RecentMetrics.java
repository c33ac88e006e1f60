package io.datastream.imaging.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataResponse;
import software.amazon.awssdk.services.cloudwatch.model.Metric;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataQuery;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataResult;
import software.amazon.awssdk.services.cloudwatch.model.MetricStat;
import software.amazon.awssdk.services.cloudwatch.model.ScanBy;

/**
 * What CloudWatch knows of the last hour, a value a minute; the newest minutes may be missing still.
 *
 * @param invocations of the function
 * @param errors invocations that threw or timed out
 * @param throttles invocations that Lambda refused
 * @param concurrency the most invocations at once
 * @param oldestInQueue age of the queue's oldest message, as last told; empty if nothing was told
 */
record RecentMetrics(long invocations, long errors, long throttles, long concurrency, OptionalDouble oldestInQueue) {

    static final Duration PERIOD = Duration.ofHours(1);

    private static final int MINUTE = 60;

    /** Asks CloudWatch, in one call. */
    static RecentMetrics read(CloudWatchClient cloudWatch, String functionName, String queueName, Instant now) {
        Dimension function =
                Dimension.builder().name("FunctionName").value(functionName).build();
        Dimension queue = Dimension.builder().name("QueueName").value(queueName).build();
        GetMetricDataResponse response = cloudWatch.getMetricData(request -> request.startTime(now.minus(PERIOD))
                .endTime(now)
                .scanBy(ScanBy.TIMESTAMP_DESCENDING)
                .metricDataQueries(
                        query("invocations", "AWS/Lambda", "Invocations", function, "Sum"),
                        query("errors", "AWS/Lambda", "Errors", function, "Sum"),
                        query("throttles", "AWS/Lambda", "Throttles", function, "Sum"),
                        query("concurrency", "AWS/Lambda", "ConcurrentExecutions", function, "Maximum"),
                        query("oldest", "AWS/SQS", "ApproximateAgeOfOldestMessage", queue, "Maximum")));
        Map<String, List<Double>> values = new HashMap<>();
        for (MetricDataResult result : response.metricDataResults()) {
            values.put(result.id(), result.values());
        }
        return new RecentMetrics(
                sum(values, "invocations"),
                sum(values, "errors"),
                sum(values, "throttles"),
                (long) values(values, "concurrency").stream()
                        .mapToDouble(Double::doubleValue)
                        .max()
                        .orElse(0),
                values(values, "oldest").stream()
                        .mapToDouble(Double::doubleValue)
                        .findFirst());
    }

    private static long sum(Map<String, List<Double>> values, String id) {
        return (long)
                values(values, id).stream().mapToDouble(Double::doubleValue).sum();
    }

    private static List<Double> values(Map<String, List<Double>> values, String id) {
        return values.getOrDefault(id, List.of());
    }

    private static MetricDataQuery query(
            String id, String namespace, String name, Dimension dimension, String statistic) {
        return MetricDataQuery.builder()
                .id(id)
                .metricStat(MetricStat.builder()
                        .metric(Metric.builder()
                                .namespace(namespace)
                                .metricName(name)
                                .dimensions(dimension)
                                .build())
                        .period(MINUTE)
                        .stat(statistic)
                        .build())
                .build();
    }
}
