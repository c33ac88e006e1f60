package io.datastream.imaging.deadletter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RateLimitTest {

    private Instant now = Instant.EPOCH;
    private final RateLimit limit = new RateLimit(100, () -> now);

    @Test
    void messagesGoOutEvenly() {
        assertThat(limit.take(10)).isZero();
        assertThat(limit.take(10)).isEqualTo(Duration.ofMillis(100));
        assertThat(limit.take(5)).isEqualTo(Duration.ofMillis(200));
        assertThat(limit.take(1)).isEqualTo(Duration.ofMillis(250));
    }

    @Test
    void timeThatNobodyUsedIsGone() {
        now = now.plusSeconds(60);

        assertThat(limit.take(10)).isZero();
        assertThat(limit.take(10)).isEqualTo(Duration.ofMillis(100));
    }

    @Test
    void withoutALimitNobodyWaits() {
        RateLimit none = new RateLimit(Double.POSITIVE_INFINITY, () -> now);

        assertThat(none.take(1_000_000)).isZero();
        assertThat(none.take(1)).isZero();
    }

    @Test
    void aRateIsAboveZero() {
        assertThatThrownBy(() -> new RateLimit(0, () -> now)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RateLimit(Double.NaN, () -> now)).isInstanceOf(IllegalArgumentException.class);
    }
}
