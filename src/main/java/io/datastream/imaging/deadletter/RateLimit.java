package io.datastream.imaging.deadletter;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Spreads messages evenly over time. For any number of threads. */
final class RateLimit {

    private final InstantSource clock;
    private final long nanosecondsForOne;
    private Instant next;

    /**
     * Starts now, without a burst.
     *
     * @param perSecond messages a second, above 0; infinite for no limit
     */
    RateLimit(double perSecond, InstantSource clock) {
        if (!(perSecond > 0)) {
            throw new IllegalArgumentException("a rate is above 0");
        }
        this.clock = clock;
        this.nanosecondsForOne = (long) (Duration.ofSeconds(1).toNanos() / perSecond);
        this.next = clock.instant();
    }

    /**
     * Takes the next slots; times that nobody used are gone.
     *
     * @return how long to wait before sending
     */
    synchronized Duration take(int messages) {
        Instant now = clock.instant();
        Instant slot = next.isBefore(now) ? now : next;
        next = slot.plusNanos(nanosecondsForOne * messages);
        return Duration.between(now, slot);
    }
}
