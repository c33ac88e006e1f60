package io.datastream.imaging.load;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Options of a load test, given as {@code -Dname=value}. Each method throws an {@link IllegalArgumentException} with one
 * line that says what to give instead, if the value cannot be used.
 *
 * @param values by name; other system properties among them do no harm
 */
public record Options(Map<String, String> values) {

    public Options {
        values = Map.copyOf(values);
    }

    /** The options of this JVM. */
    public static Options given() {
        return new Options(System.getProperties().stringPropertyNames().stream()
                .collect(Collectors.toMap(Function.identity(), System::getProperty)));
    }

    /** A whole number from 1 among the options of this JVM. */
    public static int positive(String name, int ifAbsent) {
        return given().number(name, 1, ifAbsent);
    }

    public Optional<String> text(String name) {
        return Optional.ofNullable(values.get(name)).filter(value -> !value.isBlank());
    }

    /** A whole number that is not below the minimum. */
    public int number(String name, int minimum, int ifAbsent) {
        Optional<String> value = text(name);
        try {
            int number = value.map(Integer::valueOf).orElse(ifAbsent);
            if (number >= minimum) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // The same advice as for a number that is too small.
        }
        throw new IllegalArgumentException(
                "-D%s=%s: give a whole number from %d".formatted(name, value.orElse(""), minimum));
    }

    /** A time such as {@code 5s}, {@code 0.5s} or {@code 2m}. */
    public Optional<Duration> duration(String name) {
        return text(name).map(value -> {
            try {
                Duration duration = Duration.parse("PT" + value);
                if (duration.isPositive()) {
                    return duration;
                }
            } catch (DateTimeException notATime) {
                // The same advice as for a time that is not positive.
            }
            throw new IllegalArgumentException("-D%s=%s: give a time as 5s, 0.5s or 2m".formatted(name, value));
        });
    }

    /** One of an enum's values, in small letters and with hyphens. */
    public static <E extends Enum<E>> E choice(String name, String value, Class<E> choices) {
        return Arrays.stream(choices.getEnumConstants())
                .filter(choice -> label(choice).equals(value))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("-D%s=%s: give one of %s"
                        .formatted(
                                name,
                                value,
                                Arrays.stream(choices.getEnumConstants())
                                        .map(Options::label)
                                        .collect(Collectors.joining(", ")))));
    }

    /** How an enum's value is written in an option. */
    public static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Refuses an option that is not among these. Options of Java, Maven and its plugins have a dot in their name. */
    public void refuseUnknown(Collection<String> known) {
        values.keySet().stream()
                .filter(name -> !name.contains(".") && !name.startsWith("skip") && !known.contains(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new IllegalArgumentException(
                            "unknown option -D%s: the options are %s".formatted(name, String.join(", ", known)));
                });
    }

    /** Ends the JVM with one line and exit code 2 if an option is wrong. */
    public static <T> T readOrExit(Supplier<T> options) {
        try {
            return options.get();
        } catch (IllegalArgumentException wrong) {
            System.err.println(wrong.getMessage());
            System.exit(2);
            throw wrong;
        }
    }
}
