package io.datastream.imaging.deadletter;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/** What a {@link Drain} does with the messages that it leases. An action is used by one run. */
public sealed interface Action permits Inspect, Replay, Save, Drop {

    /**
     * Acts on messages. Several workers call it side by side.
     *
     * @param messages at most ten, leased by this run, each once
     * @param accepted receives the ID of each message that may be deleted from the queue, as soon as that is known
     */
    void act(List<MessageExaminer.Examined> messages, Consumer<String> accepted);

    /** Whether the action needs no further message. */
    default boolean hasEnough() {
        return false;
    }

    /** The most messages a second that it acts on; empty for no limit. */
    default OptionalDouble perSecond() {
        return OptionalDouble.empty();
    }
}
