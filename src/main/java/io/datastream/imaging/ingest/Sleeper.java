package io.datastream.imaging.ingest;

import java.time.Duration;

/** Waits; a test's one only remembers for how long. */
@FunctionalInterface
interface Sleeper {

    /**
     * Waits.
     *
     * @throws InterruptedException if the thread is asked to stop
     */
    void sleep(Duration duration) throws InterruptedException;
}
