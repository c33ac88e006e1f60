package io.datastream.imaging.simulation;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** A standard queue of SQS: any order, at least once, with a visibility timeout and a maximum of receives. */
final class SimulatedQueue {

    /** A message and what became of its deliveries. */
    static final class Message {
        final String id;
        final Step.Message content;
        final String body;
        final long sent;
        int receives;
        long visibleAt;
        int unexplainedFailures;
        int failuresByOtherFaults;

        Message(String id, Step.Message content, String body, long sent) {
            this.id = id;
            this.content = content;
            this.body = body;
            this.sent = sent;
        }
    }

    /** A message as a receiver got it: the number of the receive is in the handle. */
    record Delivery(Message message, int receive) {

        String handle() {
            return message.id + "/" + receive;
        }
    }

    private final SimulatedTime time;
    private final SplittableRandom random;
    private final long visibilityTimeout;
    private final int maximumReceiveCount;
    private final Consumer<Message> dead;
    private final Map<String, Message> messages = new LinkedHashMap<>();

    SimulatedQueue(
            SimulatedTime time,
            SplittableRandom random,
            int visibilityTimeoutSeconds,
            int maximumReceiveCount,
            Consumer<Message> dead) {
        this.time = time;
        this.random = random;
        this.visibilityTimeout = SimulatedTime.millis(visibilityTimeoutSeconds * 1_000L);
        this.maximumReceiveCount = maximumReceiveCount;
        this.dead = dead;
    }

    void send(Message message) {
        message.visibleAt = time.now();
        messages.put(message.id, message);
    }

    /** Number of messages that can be received now. */
    int visible() {
        int visible = 0;
        for (Message message : messages.values()) {
            visible += message.visibleAt <= time.now() ? 1 : 0;
        }
        return visible;
    }

    Collection<Message> messages() {
        return messages.values();
    }

    boolean isEmpty() {
        return messages.isEmpty();
    }

    int size() {
        return messages.size();
    }

    /** Receives with the queue's own visibility timeout. */
    List<Delivery> receive(int most, BooleanSupplier staysVisible) {
        return receive(most, visibilityTimeout, staysVisible);
    }

    /**
     * Receives visible messages in any order.
     *
     * @param lease nanoseconds
     * @param staysVisible whether a delivery leaves its message visible
     */
    List<Delivery> receive(int most, long lease, BooleanSupplier staysVisible) {
        List<Message> visible = new ArrayList<>();
        for (Iterator<Message> all = messages.values().iterator(); all.hasNext(); ) {
            Message message = all.next();
            if (message.visibleAt <= time.now()) {
                if (message.receives >= maximumReceiveCount) {
                    all.remove();
                    dead.accept(message);
                } else {
                    visible.add(message);
                }
            }
        }
        List<Delivery> deliveries = new ArrayList<>();
        while (!visible.isEmpty() && deliveries.size() < most) {
            Message message = visible.remove(random.nextInt(visible.size()));
            message.receives++;
            if (!staysVisible.getAsBoolean()) {
                message.visibleAt = time.now() + lease;
            }
            deliveries.add(new Delivery(message, message.receives));
        }
        return deliveries;
    }

    /** Deletes a message. With the handle of an earlier receive, SQS may or may not do it. Returns whether it did. */
    boolean delete(Delivery delivery) {
        boolean deletes = delivery.receive() == delivery.message().receives || random.nextBoolean();
        return deletes && messages.remove(delivery.message().id) != null;
    }

    boolean delete(String handle) {
        Message message = messages.get(handle.substring(0, handle.indexOf('/')));
        return message != null && delete(new Delivery(message, receive(handle)));
    }

    /** Ends a lease; with the handle of an earlier receive nothing happens. */
    void release(String handle) {
        Message message = messages.get(handle.substring(0, handle.indexOf('/')));
        if (message != null && message.receives == receive(handle)) {
            message.visibleAt = time.now();
        }
    }

    private static int receive(String handle) {
        return Integer.parseInt(handle.substring(handle.indexOf('/') + 1));
    }
}
