package io.datastream.imaging.load.spike;

/** About how many messages a queue has: waiting to be received, and received but not deleted. */
record QueueDepth(int waiting, int inFlight) {

    boolean isEmpty() {
        return waiting == 0 && inFlight == 0;
    }
}
