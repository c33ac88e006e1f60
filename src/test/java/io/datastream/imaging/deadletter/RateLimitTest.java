package io.datastream.imaging.deadletter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RateLimitTest {

    private record Send(Instant at, int messages) {}

    private Instant now = Instant.EPOCH;

    @ParameterizedTest
    @ValueSource(doubles = {1, 2.5, 3, 7, 25, 99, 100, 500, 501, 10_000})
    void noSecondHasMoreMessagesThanTheRateAndFullCallsReachNineTenthsOfIt(double perSecond) {
        List<Send> sends = sends(perSecond, 30, false);

        assertNoSecondHasMoreThan(perSecond, sends);
        int all = sends.stream().mapToInt(Send::messages).sum();
        assertThat(all).isGreaterThanOrEqualTo((int) (0.9 * Math.floor(perSecond) * 30));
    }

    @ParameterizedTest
    @ValueSource(doubles = {1, 7, 99, 500})
    void noSecondHasMoreMessagesThanTheRateWhenCallsAreNotFull(double perSecond) {
        assertNoSecondHasMoreThan(perSecond, sends(perSecond, 30, true));
    }

    @Test
    void belowOneASecondTheRateIsKeptOverLongerTimes() {
        List<Send> sends = sends(0.1, 60, false);

        assertThat(sends).hasSize(6);
        assertThat(Duration.between(sends.get(0).at(), sends.get(1).at()))
                .isBetween(Duration.ofSeconds(10), Duration.ofMillis(10_001));
    }

    @Test
    void slotsThatNobodyUsedAreGone() {
        RateLimit limit = new RateLimit(1, () -> now);
        now = now.plusSeconds(60);

        assertThat(limit.take(1)).isZero();
        assertThat(limit.take(1)).isEqualTo(Duration.ofSeconds(1));
        assertThat(limit.take(1)).isEqualTo(Duration.ofSeconds(2));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, 1e-10, 0.009, 10_001, Double.NaN, Double.POSITIVE_INFINITY})
    void anotherRateIsRefused(double perSecond) {
        assertThatThrownBy(() -> new RateLimit(perSecond, () -> now)).isInstanceOf(IllegalArgumentException.class);
    }

    private List<Send> sends(double perSecond, int seconds, boolean partly) {
        RateLimit limit = new RateLimit(perSecond, () -> now);
        Random random = new Random(3);
        Instant end = now.plusSeconds(seconds);
        List<Send> sends = new ArrayList<>();
        while (true) {
            int messages = partly ? 1 + random.nextInt(limit.callSize()) : limit.callSize();
            now = now.plus(limit.take(messages));
            if (!now.isBefore(end)) {
                return sends;
            }
            sends.add(new Send(now, messages));
        }
    }

    private static void assertNoSecondHasMoreThan(double perSecond, List<Send> sends) {
        int from = 0;
        int inASecond = 0;
        for (Send last : sends) {
            inASecond += last.messages();
            while (!sends.get(from).at().plusSeconds(1).isAfter(last.at())) {
                inASecond -= sends.get(from).messages();
                from++;
            }
            assertThat(inASecond).isLessThanOrEqualTo((int) perSecond);
        }
    }
}
