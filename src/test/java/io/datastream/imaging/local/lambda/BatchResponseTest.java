package io.datastream.imaging.local.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchResponseTest {

    private static final Set<String> BATCH = Set.of("a", "b", "c");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "{}",
                "{\"batchItemFailures\":null}",
                "{\"batchItemFailures\":[]}",
                "{\"other\":[1,{}]}"
            })
    void withoutFailuresTheWholeBatchSucceeded(String response) throws Exception {
        assertThat(BatchResponse.failures(response, BATCH)).isEmpty();
    }

    @Test
    void theNamedMessagesFailed() throws Exception {
        String response =
                "{\"batchItemFailures\":[{\"itemIdentifier\":\"a\"},{\"x\":[{}],\"itemIdentifier\":\"c\"}],\"y\":1}";
        assertThat(BatchResponse.failures(response, BATCH)).containsExactlyInAnyOrder("a", "c");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "not JSON",
                "{\"batchItemFailures\":[",
                "\"text\"",
                "[]",
                "{} {}",
                "{\"batchItemFailures\":\"a\"}",
                "{\"batchItemFailures\":[\"a\"]}",
                "{\"batchItemFailures\":[{}]}",
                "{\"batchItemFailures\":[{\"itemIdentifier\":\"\"}]}",
                "{\"batchItemFailures\":[{\"itemIdentifier\":null}]}",
                "{\"batchItemFailures\":[{\"itemIdentifier\":[\"a\"]}]}",
                "{\"batchItemFailures\":[{\"messageId\":\"a\"}]}",
                "{\"batchItemFailures\":[{\"itemIdentifier\":\"a\"},{\"itemIdentifier\":\"unknown\"}]}"
            })
    void anythingElseFailsTheWholeBatch(String response) {
        assertThatThrownBy(() -> BatchResponse.failures(response, BATCH)).isInstanceOf(BatchResponse.Malformed.class);
    }
}
