package io.datastream.imaging.deadletter;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that only moves when somebody waits or a call takes time. Waits side by side overlap. */
final class FakeTime extends Cancellation implements InstantSource {

    static final Instant START = Instant.parse("2026-11-23T12:00:00Z");

    private Instant now = START;

    @Override
    public synchronized Instant instant() {
        return now;
    }

    synchronized void advance(Duration duration) {
        now = now.plus(duration);
    }

    private synchronized void reach(Instant time) {
        now = now.isBefore(time) ? time : now;
    }

    @Override
    public boolean passes(Duration duration) {
        return !isCancelled() && sleeps(duration) && !isCancelled();
    }

    @Override
    boolean sleeps(Duration duration) {
        reach(instant().plus(duration));
        return true;
    }
}
