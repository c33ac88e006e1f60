package io.datastream.imaging.local.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import tools.jackson.databind.json.JsonMapper;

class EventBatchTest {

    private static final String QUEUE = "arn:aws:sqs:eu-west-1:000000000000:uploads";

    @Test
    void takesNoMoreMessagesThanItsSize() {
        EventBatch batch = new EventBatch(QUEUE, 2);

        assertThat(batch.add(message("a"))).isTrue();
        assertThat(batch.isFull()).isFalse();
        assertThat(batch.add(message("b"))).isTrue();
        assertThat(batch.isFull()).isTrue();
        assertThat(batch.add(message("c"))).isFalse();
        assertThat(batch.messages()).extracting(Message::body).containsExactly("a", "b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "\"", "ß", "€", "\ud83d\ude00", "\n"})
    void takesNoMoreThanThePayloadLimitOfLambda(String character) {
        EventBatch batch = new EventBatch(QUEUE, 10_000);
        Message large = message(character.repeat(300_000));
        int added = 0;
        while (batch.add(large)) {
            added++;
        }

        int length = batch.toJson().getBytes(StandardCharsets.UTF_8).length;
        assertThat(length).isLessThanOrEqualTo(EventBatch.PAYLOAD_LIMIT);
        assertThat(length + length / added).isGreaterThan(EventBatch.PAYLOAD_LIMIT);
        assertThat(batch.isFull()).isTrue();
        assertThat(batch.messages()).hasSize(added);
    }

    @Test
    void isTheEventThatLambdaSends() {
        EventBatch batch = new EventBatch(QUEUE, 1);
        batch.add(message("a\t\"b\"").toBuilder()
                .attributes(Map.of(MessageSystemAttributeName.SENT_TIMESTAMP, "1"))
                .messageAttributes(Map.of(
                        "text",
                        MessageAttributeValue.builder()
                                .dataType("String")
                                .stringValue("x")
                                .build(),
                        "bytes",
                        MessageAttributeValue.builder()
                                .dataType("Binary")
                                .binaryValue(SdkBytes.fromByteArray(new byte[] {1, 2}))
                                .build()))
                .build());

        assertThat(JsonMapper.shared().readTree(batch.toJson()))
                .isEqualTo(JsonMapper.shared()
                        .readTree(
                                """
                                {"Records": [{"messageId": "m", "receiptHandle": "r", "body": "a\\t\\"b\\"",
                                  "md5OfBody": "0", "attributes": {"SentTimestamp": "1"},
                                  "messageAttributes": {
                                    "text": {"dataType": "String", "stringValue": "x",
                                      "stringListValues": [], "binaryListValues": []},
                                    "bytes": {"dataType": "Binary", "binaryValue": "AQI=",
                                      "stringListValues": [], "binaryListValues": []}},
                                  "eventSource": "aws:sqs", "eventSourceARN": "%s", "awsRegion": "eu-west-1"}]}
                                """
                                        .formatted(QUEUE)));
    }

    private static Message message(String body) {
        return Message.builder()
                .messageId("m")
                .receiptHandle("r")
                .body(body)
                .md5OfBody("0")
                .build();
    }
}
