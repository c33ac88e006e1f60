package io.datastream.imaging.ingest;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Exponential backoff with full jitter: a random delay between zero and a bound that doubles with every attempt.
 *
 * @param base bound of the first delay, positive
 * @param cap highest bound, at least the base
 * @param random draws the delay
 * @see <a href="https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/">Exponential Backoff And
 *     Jitter</a>
 */
record Backoff(Duration base, Duration cap, RandomGenerator random) {

    Backoff {
        if (!base.isPositive() || base.compareTo(cap) > 0) {
            throw new IllegalArgumentException("the base must be positive and at most the cap");
        }
    }

    /**
     * Draws a delay.
     *
     * @param attempt 0 for the first delay
     */
    Duration delay(int attempt) {
        long bound = Math.min(cap.toNanos(), base.toNanos() << Math.min(attempt, 20));
        return Duration.ofNanos(random.nextLong(bound + 1));
    }
}
