package io.datastream.imaging.metadata;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;

/** The table's format of times: UTC with milliseconds, always of the same length, so that text order is time order. */
final class UploadTimestamp {

    private static final DateTimeFormatter FORMAT =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter(Locale.ROOT);

    private UploadTimestamp() {}

    /** Formats a time, for example {@code 2026-11-23T09:30:00.125Z}; finer fractions are cut off. */
    static String format(Instant time) {
        return FORMAT.format(time);
    }
}
