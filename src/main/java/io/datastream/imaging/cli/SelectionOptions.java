package io.datastream.imaging.cli;

import io.datastream.imaging.deadletter.Selection;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which messages a command is about. */
final class SelectionOptions {

    @Option(
            names = "--reason",
            paramLabel = "REASON",
            split = ",",
            completionCandidates = Reasons.class,
            description =
                    "Only messages that are there for this reason (or were, before the pattern changed); several with commas. One of: ${COMPLETION-CANDIDATES}.")
    List<String> reasons = new ArrayList<>();

    @Option(
            names = "--key-prefix",
            paramLabel = "PREFIX",
            description = "Only messages about objects whose key begins so.")
    @Nullable
    String keyPrefix;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            converter = Time.class,
            description = "Only messages sent at this time or later, such as 2026-11-23T09:30:00Z.")
    @Nullable
    Instant since;

    @Option(
            names = "--older-than",
            paramLabel = "AGE",
            converter = Age.class,
            description = "Only messages sent longer ago than this, such as 90s, 30m, 12h, 2d.")
    @Nullable
    Duration olderThan;

    /** The conditions, counted from now. */
    Selection selection(Instant now) {
        try {
            return new Selection(
                    new HashSet<>(reasons),
                    Optional.ofNullable(keyPrefix),
                    Optional.ofNullable(since),
                    Optional.ofNullable(olderThan).map(now::minus));
        } catch (IllegalArgumentException e) {
            throw new OperatorException("--reason: " + e.getMessage(), e);
        }
    }

    static final class Reasons implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Selection.labels().iterator();
        }
    }

    static final class Time implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String value) {
            try {
                return OffsetDateTime.parse(value).toInstant();
            } catch (DateTimeException e) {
                throw new TypeConversionException("not a time with its zone, such as 2026-11-23T09:30:00Z");
            }
        }
    }

    static final class Age implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String value) {
            try {
                String text = value.toUpperCase(Locale.ROOT);
                return Duration.parse(text.endsWith("D") ? "P" + text : "PT" + text);
            } catch (DateTimeException e) {
                throw new TypeConversionException("not an age, such as 90s, 30m, 12h or 2d");
            }
        }
    }
}
