package io.datastream.imaging.load.comparison;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpResponse;

/**
 * Access to a table of limited capacity: a call beyond it is throttled, and during an outage every call fails. Remembers
 * when each upload was written first.
 */
final class LimitedTable implements SdkHttpClient {

    /** One version of an object, as a record shows it. */
    record Version(String fileKey, String eTag) {}

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String THROTTLED =
            "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException\"}";
    private static final String UNAVAILABLE = "{\"__type\":\"com.amazonaws.dynamodb.v20120810#InternalServerError\"}";

    private final SdkHttpClient table;
    private final int recordsPerSecond;
    private final Map<Version, Instant> written = new ConcurrentHashMap<>();
    private final AtomicLong calls = new AtomicLong();
    private volatile Instant outageUntil = Instant.EPOCH;
    private double tokens;
    private long refilled = System.nanoTime();

    /** @param recordsPerSecond the capacity; a second's worth can be saved up */
    LimitedTable(SdkHttpClient table, int recordsPerSecond) {
        this.table = table;
        this.recordsPerSecond = recordsPerSecond;
        this.tokens = recordsPerSecond;
    }

    /** From now on, for so long, every call fails. */
    void fail(Duration duration) {
        outageUntil = Instant.now().plus(duration);
    }

    /** When each upload was in the table. */
    Map<Version, Instant> written() {
        return Map.copyOf(written);
    }

    long calls() {
        return calls.get();
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        ExecutableHttpRequest call = table.prepareRequest(request);
        return new ExecutableHttpRequest() {
            @Override
            public HttpExecuteResponse call() throws IOException {
                calls.incrementAndGet();
                List<Version> versions = versions(request);
                if (Instant.now().isBefore(outageUntil)) {
                    return answer(500, UNAVAILABLE);
                }
                if (!take(versions.size())) {
                    return answer(400, THROTTLED);
                }
                HttpExecuteResponse response = call.call();
                if (response.httpResponse().isSuccessful()) {
                    Instant now = Instant.now();
                    versions.forEach(version -> written.putIfAbsent(version, now));
                }
                return response;
            }

            @Override
            public void abort() {
                call.abort();
            }
        };
    }

    private static List<Version> versions(HttpExecuteRequest request) throws IOException {
        List<Version> versions = new ArrayList<>();
        try (InputStream body = request.contentStreamProvider().orElseThrow().newStream()) {
            for (JsonNode item : JSON.readTree(body).findValues("Item")) {
                versions.add(new Version(
                        item.at("/fileKey/S").asText(), item.at("/eTag/S").asText()));
            }
        }
        return versions;
    }

    private synchronized boolean take(int records) {
        long now = System.nanoTime();
        tokens = Math.min(recordsPerSecond, tokens + (now - refilled) / 1e9 * recordsPerSecond);
        refilled = now;
        if (tokens < records) {
            return false;
        }
        tokens -= records;
        return true;
    }

    private static HttpExecuteResponse answer(int status, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return HttpExecuteResponse.builder()
                .response(SdkHttpResponse.builder().statusCode(status).build())
                .responseBody(AbortableInputStream.create(new ByteArrayInputStream(bytes)))
                .build();
    }

    @Override
    public void close() {
        table.close();
    }
}
