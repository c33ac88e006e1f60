package io.datastream.imaging.notification;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.regex.Pattern;

/** The times in events: RFC 3339 with at most nine digits of a fraction. A time without a zone is in UTC. */
final class EventTime {

    private static final Pattern WITH_ZONE = Pattern.compile(".*(?:[Zz]|[+-]\\d\\d:\\d\\d)");

    private static final Instant FIRST = Instant.parse("0000-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999999Z");

    private EventTime() {}

    /**
     * Parses a time.
     *
     * @throws DateTimeException if the text is not such a time, or its year in UTC is not 0000 to 9999, which is what
     *     the table can sort
     */
    static Instant parse(String text) {
        // RFC 3339 allows a space between date and time.
        String time = text.replace(' ', 'T');
        Instant instant =
                Instant.parse(time.endsWith("Z") || WITH_ZONE.matcher(time).matches() ? time : time + "Z");
        if (instant.isBefore(FIRST) || instant.isAfter(LAST)) {
            throw new DateTimeException("the year does not have four digits");
        }
        return instant;
    }
}
