package io.datastream.imaging.deadletter;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Repeats calls to SQS, KMS and DynamoDB that fail for a passing cause: throttling, an error of the service (5xx), no
 * response. The SDK's own retries are off for these clients.
 *
 * <p>Between two attempts it waits for a random time of up to 100 ms, 200 ms, 400 ms and so on, at most 5 s (exponential
 * backoff with full jitter). A call that still fails after {@link #PATIENCE} ends the run.
 */
public final class Retries {

    /** How long one call is repeated. */
    public static final Duration PATIENCE = Duration.ofMinutes(2);

    /** How long a call that releases a message is repeated: SQS releases the message by itself, only later. */
    private static final Duration BRIEF_PATIENCE = Duration.ofSeconds(30);

    private static final long FIRST_BACKOFF_MILLISECONDS = 100;
    private static final long LONGEST_BACKOFF_MILLISECONDS = 5_000;
    private static final Pattern PASSING = Pattern.compile(
            "(?i)throttl|throughputexceeded|requestlimitexceeded|toomanyrequests|slowdown|timeout|unavailable|internal");

    private final InstantSource clock;
    private final RandomGenerator random;
    private final Duration patience;
    private final Predicate<Duration> pause;
    private final Cancellation cancellation;

    /** Retries that end when the run is cancelled. */
    public Retries(Cancellation cancellation, InstantSource clock, RandomGenerator random) {
        this(cancellation, clock, random, PATIENCE, cancellation::passes);
    }

    private Retries(
            Cancellation cancellation,
            InstantSource clock,
            RandomGenerator random,
            Duration patience,
            Predicate<Duration> pause) {
        this.cancellation = cancellation;
        this.clock = clock;
        this.random = random;
        this.patience = patience;
        this.pause = pause;
    }

    /** For the calls at the end of a run, which must work in a cancelled run as well. */
    Retries brief() {
        return new Retries(cancellation, clock, random, BRIEF_PATIENCE, cancellation::sleeps);
    }

    /** The attempts of one call, or of one batch whose entries are accepted one after the other. */
    final class Attempts {
        private final Instant end = clock.instant().plus(patience);
        private long longest = FIRST_BACKOFF_MILLISECONDS;

        /**
         * Waits before another attempt.
         *
         * @return false if there is none: the patience is at its end, or the run is cancelled
         */
        boolean another() {
            if (!clock.instant().isBefore(end)) {
                return false;
            }
            Duration backoff = Duration.ofMillis(random.nextLong(longest + 1));
            longest = Math.min(2 * longest, LONGEST_BACKOFF_MILLISECONDS);
            return pause.test(backoff);
        }
    }

    /**
     * Calls until it succeeds.
     *
     * @throws SdkException the last failure, if its cause does not pass or the patience is at its end
     */
    <T> T call(Supplier<T> call) {
        Attempts attempts = new Attempts();
        while (true) {
            try {
                return call.get();
            } catch (SdkException e) {
                if (!isPassing(e) || !attempts.another()) {
                    throw e;
                }
            }
        }
    }

    private static boolean isPassing(SdkException failure) {
        if (failure instanceof AwsServiceException answer) {
            return answer.statusCode() >= 500 || answer.isThrottlingException() || isPassing(code(answer));
        }
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException) {
                return true;
            }
        }
        return failure.retryable();
    }

    /**
     * Whether an error code stands for a cause that passes by itself. SQS reports errors of KMS as
     * {@code KMS.ThrottlingException} or {@code KmsThrottled}, with status 400.
     *
     * @see <a href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html">SQS</a>
     * @see <a href="https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html">KMS</a>
     */
    static boolean isPassing(String code) {
        return PASSING.matcher(code).find();
    }

    /** The error code of an answer, such as {@code AccessDenied}; its HTTP status if it has no code. */
    public static String code(AwsServiceException answer) {
        String code = answer.awsErrorDetails() == null
                ? null
                : answer.awsErrorDetails().errorCode();
        return code == null ? "HTTP " + answer.statusCode() : code;
    }
}
