package io.datastream.imaging.status;

import java.util.Locale;

/**
 * One line of the status.
 *
 * @param name what was checked
 * @param state the result
 * @param text what was found, and where it is a problem what to do
 */
public record Check(String name, State state, String text) {

    /** Result of a check. A pipeline is healthy only if every result is {@code OK}. */
    public enum State {
        OK,
        /** A person is needed. */
        PROBLEM,
        /** AWS did not answer, so the result is not known. */
        UNKNOWN;

        /** In lower case. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Check ok(String name, String text) {
        return new Check(name, State.OK, text);
    }

    static Check problem(String name, String text) {
        return new Check(name, State.PROBLEM, text);
    }

    static Check unknown(String name, String text) {
        return new Check(name, State.UNKNOWN, text);
    }
}
