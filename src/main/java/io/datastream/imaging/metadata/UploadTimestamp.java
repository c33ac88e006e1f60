package io.datastream.imaging.metadata;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** How the table writes times: UTC, milliseconds, all of one length, so that text order is time order. */
final class UploadTimestamp {

    private static final DateTimeFormatter FORMAT =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private UploadTimestamp() {}

    /** Writes a time, for example {@code 2026-11-23T09:30:00.125Z}; finer fractions are cut off. */
    static String format(Instant time) {
        return FORMAT.format(time);
    }
}
