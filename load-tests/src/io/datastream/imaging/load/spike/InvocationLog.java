package io.datastream.imaging.load.spike;

import io.datastream.imaging.local.lambda.ObservedEnvironment.Invocation;
import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.PatientIdPattern;
import io.datastream.imaging.metadata.RecordKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every invocation of the embedded function, kept as it was. What its envelopes say is read when the run is over, so
 * that the reading costs the run nothing.
 */
final class InvocationLog {

    /**
     * The way of one record into the table, by the timestamps that its envelopes carried.
     *
     * @param stored S3's event time
     * @param published the topic's timestamp
     * @param queued SQS's sent timestamp
     * @param received SQS's first-receive timestamp: later than {@code queued} by the time in the queue
     * @param invoked when the invocation that wrote the record began
     * @param written when that invocation was over: the record was in the table by then
     */
    record Passage(
            RecordKey key,
            Instant stored,
            Instant published,
            Instant queued,
            Instant received,
            Instant invoked,
            Instant written) {

        Arrival arrival() {
            return new Arrival(stored, written);
        }
    }

    /**
     * When an upload was stored, and when its record was in the table.
     *
     * @param stored S3's event time; on a deployed stack, when S3's response was there
     */
    record Arrival(Instant stored, Instant written) {}

    private final Queue<Invocation> invocations = new ConcurrentLinkedQueue<>();

    void add(Invocation invocation) {
        invocations.add(invocation);
    }

    List<Invocation> invocations() {
        return List.copyOf(invocations);
    }

    /** The first passage of each record that was acknowledged, if its key has this prefix. */
    Collection<Passage> passages(String prefix) {
        Map<RecordKey, Passage> passages = new HashMap<>();
        for (Invocation invocation : invocations) {
            Optional<Set<String>> failed = invocation.response().map(InvocationLog::failedMessageIds);
            if (failed.isPresent()) {
                passages(invocation, failed.get())
                        .forEach(passage -> passages.merge(
                                passage.key(),
                                passage,
                                (one, other) -> one.written().isBefore(other.written()) ? one : other));
            }
        }
        passages.keySet().removeIf(key -> !key.fileKey().startsWith(prefix));
        return passages.values();
    }

    private static List<Passage> passages(Invocation invocation, Set<String> failed) {
        MessageReader reader = new MessageReader(PatientIdPattern.compile(PatientIdPattern.DEFAULT));
        List<Passage> passages = new ArrayList<>();
        for (JsonNode message : JsonMapper.shared().readTree(invocation.event()).get("Records")) {
            if (!failed.contains(message.get("messageId").asString())) {
                String body = message.get("body").asString();
                JsonNode attributes = message.get("attributes");
                reader.read(body)
                        .uploads()
                        .forEach(upload -> passages.add(new Passage(
                                upload.key(),
                                upload.uploadTimestamp(),
                                Instant.parse(JsonMapper.shared()
                                        .readTree(body)
                                        .get("Timestamp")
                                        .asString()),
                                time(attributes, "SentTimestamp"),
                                time(attributes, "ApproximateFirstReceiveTimestamp"),
                                invocation.started(),
                                invocation.ended())));
            }
        }
        return passages;
    }

    private static Instant time(JsonNode attributes, String name) {
        return Instant.ofEpochMilli(Long.parseLong(attributes.get(name).asString()));
    }

    private static Set<String> failedMessageIds(String response) {
        Set<String> failed = new HashSet<>();
        for (JsonNode failure : JsonMapper.shared().readTree(response).path("batchItemFailures")) {
            failed.add(failure.get("itemIdentifier").asString());
        }
        return failed;
    }
}
