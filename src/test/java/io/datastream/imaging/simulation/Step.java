package io.datastream.imaging.simulation;

import java.util.List;

/** One line of a schedule: something that happens at a time, in milliseconds since the start. */
sealed interface Step {

    /** When it happens, or begins. */
    long at();

    /** In which form an event reaches the queue. */
    enum Envelope {
        S3,
        S3_IN_SNS,
        EVENT_BRIDGE,
        EVENT_BRIDGE_IN_SNS,
        /** A deletion: rightly no record. */
        DELETION,
        /** S3's test event: rightly no record. */
        TEST_EVENT,
        /** Not JSON at all. */
        BROKEN
    }

    /**
     * Uploads whose events arrive in one message.
     *
     * @param delays after how many milliseconds a copy of the message reaches the queue; more than one if it is sent
     *     twice, none if S3 never notifies
     */
    record Message(long at, Envelope envelope, List<Upload> uploads, List<Long> delays) implements Step {
        public Message {
            uploads = List.copyOf(uploads);
            delays = List.copyOf(delays);
        }

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder("message " + envelope);
            for (Upload upload : uploads) {
                text.append(" [upload ")
                        .append(upload.number())
                        .append(" of key ")
                        .append(upload.key())
                        .append(' ')
                        .append(upload.kind())
                        .append(']');
            }
            return text + " arrives after " + delays + " ms";
        }
    }

    /**
     * A fault during a while.
     *
     * @param duration milliseconds
     * @param percent of the calls, deliveries or invocations that it hits
     */
    record Outage(long at, Fault fault, long duration, int percent) implements Step {
        @Override
        public String toString() {
            return fault + " for " + duration + " ms, hits " + percent + " %";
        }
    }

    /** A function's process ends, if one is busy. */
    record Crash(long at) implements Step {
        @Override
        public String toString() {
            return "a busy process of the function is killed";
        }
    }

    /** A version of the function with another patient ID pattern is deployed. */
    record Deployment(long at) implements Step {
        @Override
        public String toString() {
            return "the pattern that also takes scan-ID.dcm is deployed";
        }
    }

    /** The operator replays the DLQ. */
    record Replay(long at) implements Step {
        @Override
        public String toString() {
            return "the DLQ is replayed";
        }
    }

    /**
     * An inventory is reconciled, and what is missing is repaired.
     *
     * @param scanMinute minutes from the start to the scan, before {@code at}
     */
    record Inventory(long at, int scanMinute) implements Step {
        @Override
        public String toString() {
            return "the inventory of minute " + scanMinute + " is reconciled";
        }
    }
}
