package io.datastream.imaging.local.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventSourceConfigurationTest {

    @ParameterizedTest
    @CsvSource({"1, 0, 2", "10, 0, 1000", "11, 1, 2", "10000, 300, 2"})
    void whatAwsAcceptsIsAccepted(int batchSize, int windowSeconds, int maximumConcurrency) {
        assertThat(configuration(batchSize, windowSeconds, maximumConcurrency).batchSize())
                .isEqualTo(batchSize);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 2, BatchSize",
        "10001, 1, 2, BatchSize",
        "11, 0, 2, MaximumBatchingWindowInSeconds",
        "10, -1, 2, MaximumBatchingWindowInSeconds",
        "10, 301, 2, MaximumBatchingWindowInSeconds",
        "10, 0, 1, MaximumConcurrency",
        "10, 0, 1001, MaximumConcurrency"
    })
    void whatAwsRefusesIsRefused(int batchSize, int windowSeconds, int maximumConcurrency, String named) {
        assertThatThrownBy(() -> configuration(batchSize, windowSeconds, maximumConcurrency))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(named);
    }

    @Test
    void aWindowOfAFractionOfASecondIsRefused() {
        assertThatThrownBy(() -> new EventSourceConfiguration(10, Duration.ofMillis(500), 2, true, true))
                .hasMessageContaining("whole seconds");
    }

    private static EventSourceConfiguration configuration(int batchSize, int windowSeconds, int maximumConcurrency) {
        return new EventSourceConfiguration(
                batchSize, Duration.ofSeconds(windowSeconds), maximumConcurrency, true, true);
    }
}
