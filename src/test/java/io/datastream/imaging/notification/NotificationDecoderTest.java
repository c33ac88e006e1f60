package io.datastream.imaging.notification;

import static org.assertj.core.api.Assertions.assertThat;

import io.datastream.imaging.Fixtures;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class NotificationDecoderTest {

    private final NotificationDecoder decoder = new NotificationDecoder();

    @Test
    void readsEveryRecordOfAnEventInOrder() {
        List<NotificationEvent> events = decoder.decode(
                """
                {"Records": [
                  {"eventName": "ObjectCreated:Put", "eventTime": "2026-11-23T09:30:00Z",
                   "s3": {"bucket": {"name": "b"}, "object": {"key": "one", "size": 1}}},
                  {"eventName": "ObjectRemoved:Delete"},
                  {"eventName": "ObjectCreated:Copy", "eventTime": "2026-11-23T09:31:00Z",
                   "s3": {"bucket": {"name": "b"}, "object": {"key": "two", "size": 0, "eTag": "", "versionId": null}}},
                  "no event at all",
                  {"eventName": "ObjectCreated:CompleteMultipartUpload", "eventTime": "2026-11-23T09:32:00Z",
                   "s3": {"bucket": {"name": "b"}, "object": {"key": "three"}}}
                ]}
                """);

        assertThat(events)
                .containsExactly(
                        created("one", 1, "2026-11-23T09:30:00Z"),
                        NotificationEvent.ignored(),
                        created("two", 0, "2026-11-23T09:31:00Z"),
                        NotificationEvent.rejected(RejectionReason.UNKNOWN_ENVELOPE),
                        NotificationEvent.rejected(RejectionReason.NO_SIZE));
    }

    @Test
    void takesFieldsInAnyOrderAndSkipsUnknownOnesWhateverTheyHold() {
        List<NotificationEvent> events = decoder.decode(
                """
                {"new": {"deep": [[{"Records": []}]]}, "Records": [
                  {"s3": {"object": {"size": 7, "new": [1, {"key": "wrong"}], "key": "k"}, "new": 1.5, "bucket": {"arn": {}, "name": "b"}},
                   "eventTime": "2026-11-23T09:30:00Z", "eventName": "ObjectCreated:Post", "eventVersion": "2.99"}],
                 "Message": 5}
                """);

        assertThat(events).containsExactly(created("k", 7, "2026-11-23T09:30:00Z"));
    }

    @Test
    void takesTheKeyOfEventBridgeAsItStands() {
        List<NotificationEvent> events = decoder.decode(
                """
                {"source": "aws.s3", "detail-type": "Object Created", "version": "7", "time": "2026-11-23T09:30:00Z",
                 "detail": {"version": "0", "bucket": {"name": "b"}, "object": {"key": "a+b%20c", "size": 7}}}
                """);

        assertThat(events).containsExactly(created("a+b%20c", 7, "2026-11-23T09:30:00Z"));
    }

    @Test
    void acceptsAKeyOf1024Bytes() {
        String key = "ä".repeat(512);

        assertThat(decoder.decode(
                        """
                        {"Records": [{"eventName": "ObjectCreated:Put", "eventTime": "2026-11-23T09:30:00Z",
                          "s3": {"bucket": {"name": "b"}, "object": {"key": "%s", "size": 1}}}]}
                        """
                                .formatted(key)))
                .containsExactly(created(key, 1, "2026-11-23T09:30:00Z"));
    }

    @Test
    void acceptsAnObjectLargerThanS3StoresToday() {
        assertThat(
                        decoder.decode(
                                """
                        {"Records": [{"eventName": "ObjectCreated:Put", "eventTime": "2026-11-23T09:30:00Z",
                          "s3": {"bucket": {"name": "b"}, "object": {"key": "k", "size": 9223372036854775807}}}]}
                        """))
                .containsExactly(created("k", Long.MAX_VALUE, "2026-11-23T09:30:00Z"));
    }

    /** SQS takes a megabyte since 2025, and other S3 servers put many records into a message. */
    @Test
    void readsAnEventOf500Records() {
        String record =
                """
                {"eventName": "ObjectCreated:Put", "eventTime": "2026-11-23T09:30:00Z",
                 "s3": {"bucket": {"name": "b"}, "object": {"key": "key-%d", "size": 1}}}""";
        String records = IntStream.range(0, 500).mapToObj(record::formatted).collect(Collectors.joining(","));

        List<NotificationEvent> events = decoder.decode("{\"Records\": [" + records + "]}");

        assertThat(events).hasSize(500).last().isEqualTo(created("key-499", 1, "2026-11-23T09:30:00Z"));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", " ", "{", "{\"Records\": [}", "{} {}", "{}x", "'{}'", "{\"a\":1,}", "\ufeff{}", "nul"})
    void rejectsWhatIsNotOneJsonValue(String body) {
        assertThat(decoder.decode(body)).containsExactly(NotificationEvent.rejected(RejectionReason.NOT_JSON));
    }

    @Test
    void rejectsNestingWithoutEndInsteadOfOverflowing() {
        assertThat(decoder.decode("{\"a\":" + "[".repeat(200_000)))
                .containsExactly(NotificationEvent.rejected(RejectionReason.NOT_JSON));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "1",
                "\"text\"",
                "[]",
                "{}",
                "[{\"Records\": []}]",
                "{\"Type\": \"Other\", \"Message\": \"{}\"}"
            })
    void rejectsJsonThatIsNoKnownEnvelope(String body) {
        assertThat(decoder.decode(body)).containsExactly(NotificationEvent.rejected(RejectionReason.UNKNOWN_ENVELOPE));
    }

    @Test
    void neverThrowsForAnyPrefixOrAnyDamageOfARealBody() {
        for (Fixtures.Fixture fixture : Fixtures.in("")) {
            String body = fixture.body();
            for (int position = 0; position < body.length(); position++) {
                assertThat(decoder.decode(body.substring(0, position))).isNotEmpty();
                assertThat(decoder.decode(body.substring(0, position) + "\u0000" + body.substring(position + 1)))
                        .isNotEmpty();
            }
        }
    }

    private static ObjectCreated created(String key, long size, String time) {
        return new ObjectCreated("b", key, size, Instant.parse(time), null, null, null);
    }
}
