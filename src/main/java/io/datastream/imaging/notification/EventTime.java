package io.datastream.imaging.notification;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * RFC 3339 times as S3 and its imitators write them: a fraction of any length, a zone or none (then UTC).
 *
 * <p>Not {@link java.time.format.DateTimeFormatter}, which stops at nine digits of a fraction.
 */
final class EventTime {

    private static final Instant FIRST = Instant.parse("0000-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999999Z");
    private static final int FRACTION = 19;

    private EventTime() {}

    /**
     * @return the time, fractions finer than nanoseconds cut off
     * @throws DateTimeException if the text is no such time, or its year in UTC not 0000 to 9999
     */
    static Instant parse(String text) {
        if (text.length() < FRACTION || !hasSeparators(text)) {
            throw new DateTimeException("not an RFC 3339 time");
        }
        int zone = FRACTION;
        int nanoseconds = 0;
        if (zone < text.length() && text.charAt(zone) == '.') {
            zone++;
            int unit = 100_000_000;
            while (zone < text.length() && isDigit(text.charAt(zone))) {
                nanoseconds += unit * (text.charAt(zone++) - '0');
                unit /= 10;
            }
            if (zone == FRACTION + 1) {
                throw new DateTimeException("a fraction without digits");
            }
        }
        Instant instant = LocalDateTime.of(
                        number(text, 0, 4),
                        number(text, 5, 7),
                        number(text, 8, 10),
                        number(text, 11, 13),
                        number(text, 14, 16),
                        second(number(text, 17, 19)),
                        nanoseconds)
                .toInstant(offset(text.substring(zone)));
        if (instant.isBefore(FIRST) || instant.isAfter(LAST)) {
            throw new DateTimeException("a year of other than four digits");
        }
        return instant;
    }

    private static boolean hasSeparators(String text) {
        char betweenDateAndTime = text.charAt(10);
        return text.charAt(4) == '-'
                && text.charAt(7) == '-'
                && (betweenDateAndTime == 'T' || betweenDateAndTime == 't' || betweenDateAndTime == ' ')
                && text.charAt(13) == ':'
                && text.charAt(16) == ':';
    }

    /** A leap second is no second of its own in {@link Instant}'s time scale. */
    private static int second(int second) {
        return second == 60 ? 59 : second;
    }

    private static ZoneOffset offset(String zone) {
        return switch (zone) {
            case "", "Z", "z" -> ZoneOffset.UTC;
            default -> ZoneOffset.of(zone);
        };
    }

    private static int number(String text, int from, int to) {
        int number = 0;
        for (int position = from; position < to; position++) {
            if (!isDigit(text.charAt(position))) {
                throw new DateTimeException("not a digit");
            }
            number = number * 10 + text.charAt(position) - '0';
        }
        return number;
    }

    private static boolean isDigit(char character) {
        return character >= '0' && character <= '9';
    }
}
