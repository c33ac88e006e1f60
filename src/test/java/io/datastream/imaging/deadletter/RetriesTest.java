package io.datastream.imaging.deadletter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.model.SqsException;

class RetriesTest {

    private final FakeTime time = new FakeTime();

    /** Always the longest pause. */
    private final RandomGenerator longest = new RandomGenerator() {
        @Override
        public long nextLong() {
            return 0;
        }

        @Override
        public long nextLong(long bound) {
            return bound - 1;
        }
    };

    private final Retries retries = new Retries(time, time, longest);

    private static <T> T fail(SdkException failure) {
        throw failure;
    }

    @ParameterizedTest
    @CsvSource({
        "400, ThrottlingException, true",
        "400, KMS.ThrottlingException, true",
        "400, KmsThrottled, true",
        "400, ProvisionedThroughputExceededException, true",
        "400, RequestLimitExceeded, true",
        "400, TooManyRequestsException, true",
        "400, SlowDown, true",
        "400, RequestTimeout, true",
        "400, InternalFailure, true",
        "400, ServiceUnavailable, true",
        "429, SomethingElse, true",
        "499, SomethingElse, false",
        "500, SomethingElse, true",
        "503, SomethingElse, true",
        "400, AccessDenied, false",
        "400, KMS.DisabledException, false",
        "403, ExpiredToken, false"
    })
    void onlyACauseThatPassesIsRetried(int status, String code, boolean isRetried) {
        AtomicInteger calls = new AtomicInteger();

        assertThatThrownBy(() -> retries.call(() -> {
                    calls.incrementAndGet();
                    return fail(FakeSqs.error(status, code));
                }))
                .isInstanceOf(SqsException.class);

        assertThat(calls.get() > 1).isEqualTo(isRetried);
    }

    @Test
    void anErrorOfTheClientIsRetriedIfItsCauseIsTheNetwork() {
        AtomicInteger calls = new AtomicInteger();

        assertThat(retries.call(() -> calls.incrementAndGet() < 3 ? fail(FakeSqs.noResponse()) : "done"))
                .isEqualTo("done");
        assertThat(calls.get()).isEqualTo(3);
        assertThatThrownBy(() -> retries.call(() -> {
                    calls.incrementAndGet();
                    return fail(SdkClientException.create("no credentials"));
                }))
                .hasMessage("no credentials");
        assertThat(calls.get()).isEqualTo(4);
    }

    @Test
    void pausesDoubleUpToFiveSecondsAndEndAfterTwoMinutes() {
        List<Instant> calls = new ArrayList<>();

        assertThatThrownBy(() -> retries.call(() -> {
            calls.add(time.instant());
            return fail(FakeSqs.noResponse());
        }));

        List<Long> pauses = new ArrayList<>();
        for (int i = 1; i < calls.size(); i++) {
            pauses.add(Duration.between(calls.get(i - 1), calls.get(i)).toMillis());
        }
        assertThat(pauses).startsWith(100L, 200L, 400L, 800L, 1_600L, 3_200L, 5_000L, 5_000L);
        assertThat(Duration.between(calls.getFirst(), calls.getLast()))
                .isBetween(Duration.ofSeconds(120), Duration.ofSeconds(125));
    }

    @Test
    void aCancelledRunRetriesNothingMore() {
        AtomicInteger calls = new AtomicInteger();

        assertThatThrownBy(() -> retries.call(() -> {
            if (calls.incrementAndGet() == 2) {
                time.cancel();
            }
            return fail(FakeSqs.noResponse());
        }));

        assertThat(calls.get()).isEqualTo(2);
    }

    @Test
    void theCallsAtTheEndOfARunAreRetriedForHalfAMinuteAlsoIfItIsCancelled() {
        time.cancel();
        AtomicInteger calls = new AtomicInteger();

        assertThatThrownBy(() -> retries.brief().call(() -> {
            calls.incrementAndGet();
            return fail(FakeSqs.noResponse());
        }));

        assertThat(calls.get()).isGreaterThan(3);
        assertThat(Duration.between(FakeTime.START, time.instant()))
                .isBetween(Duration.ofSeconds(30), Duration.ofSeconds(35));
    }

    @Test
    void anAnswerWithoutACodeIsNamedByItsStatus() {
        assertThat(Retries.code(FakeSqs.error(400, "Code"))).isEqualTo("Code");
        assertThat(Retries.code(
                        (SqsException) SqsException.builder().statusCode(502).build()))
                .isEqualTo("HTTP 502");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 20})
    void aWaitEndsWhenTheRunIsCancelled(long milliseconds) {
        Cancellation cancellation = new Cancellation();
        assertThat(cancellation.passes(Duration.ofMillis(milliseconds))).isTrue();
        assertThat(cancellation.sleeps(Duration.ofMillis(milliseconds))).isTrue();
        assertThat(cancellation.isCancelled()).isFalse();

        cancellation.fail(new IllegalStateException("first"));
        cancellation.fail(new IllegalStateException("second"));

        assertThat(cancellation.isCancelled()).isTrue();
        assertThat(cancellation.passes(Duration.ofHours(1))).isFalse();
        assertThat(cancellation.sleeps(Duration.ofMillis(milliseconds))).isTrue();
        assertThat(cancellation.failure().orElseThrow()).hasMessage("first");
    }

    @Test
    void anInterruptedThreadCancels() {
        Cancellation cancellation = new Cancellation();

        Thread.currentThread().interrupt();
        assertThat(cancellation.passes(Duration.ofHours(1))).isFalse();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(cancellation.isCancelled()).isTrue();

        Thread.currentThread().interrupt();
        assertThat(cancellation.sleeps(Duration.ofHours(1))).isFalse();
        assertThat(Thread.interrupted()).isTrue();
    }
}
