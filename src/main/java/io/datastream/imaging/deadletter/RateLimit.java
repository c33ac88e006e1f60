package io.datastream.imaging.deadletter;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Spreads messages over time so that no second has more of them than the rate, from the first message on. For any number
 * of threads.
 */
public final class RateLimit {

    /** Messages a second. */
    public static final double MINIMUM = 0.01;

    /** Messages a second. */
    public static final double MAXIMUM = 10_000;

    private final InstantSource clock;
    private final int callSize;
    private final double nanosecondsForOne;
    private Instant next;

    /**
     * Starts now.
     *
     * @param perSecond messages a second, from {@value #MINIMUM} to {@value #MAXIMUM}; a fraction of a number above 1 is
     *     cut off
     */
    RateLimit(double perSecond, InstantSource clock) {
        if (!(perSecond >= MINIMUM && perSecond <= MAXIMUM)) {
            throw new IllegalArgumentException("a rate is from 0.01 to 10000 messages a second");
        }
        double rate = perSecond >= 1 ? Math.floor(perSecond) : perSecond;
        this.clock = clock;
        this.callSize = (int) Math.clamp(rate / 10, 1, Queue.ENTRIES_IN_A_CALL);
        // A second that begins with one call can contain the first part of another: without the subtraction it would
        // have up to callSize - 1 messages too many.
        this.nanosecondsForOne = 1e9 / (rate - callSize + 1);
        this.next = clock.instant();
    }

    /** The most messages in one call. */
    int callSize() {
        return callSize;
    }

    /**
     * Takes the next time slot. Unused slots are lost.
     *
     * @param messages at most {@link #callSize}
     * @return how long to wait before sending
     */
    synchronized Duration take(int messages) {
        Instant now = clock.instant();
        Instant slot = next.isBefore(now) ? now : next;
        next = slot.plusNanos((long) Math.ceil(nanosecondsForOne * messages));
        return Duration.between(now, slot);
    }
}
