package io.datastream.imaging.ingest;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/** Time that passes only when the writer waits. */
final class FakeTime implements InstantSource, Waiting {

    static final Instant START = Instant.parse("2026-11-23T09:30:01Z");

    final List<Duration> sleeps = new ArrayList<>();
    private Instant now = START;

    @Override
    public synchronized Instant instant() {
        return now;
    }

    @Override
    public synchronized void sleep(Duration duration) {
        sleeps.add(duration);
        pass(duration);
    }

    /** With calls on the caller's thread all answers are there already: a missing one never comes. */
    @Override
    public <T> @Nullable T poll(BlockingQueue<T> queue, Duration timeout) {
        T element = queue.poll();
        if (element == null) {
            pass(timeout);
        }
        return element;
    }

    synchronized void pass(Duration duration) {
        now = now.plus(duration);
    }
}
