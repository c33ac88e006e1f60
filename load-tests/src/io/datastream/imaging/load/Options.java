package io.datastream.imaging.load;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** What a load test is to do, given as {@code -Dname=value}. */
public final class Options {

    private Options() {}

    /**
     * A whole number.
     *
     * @throws IllegalArgumentException unless it is 1 or more
     */
    public static int positive(String name, int ifAbsent) {
        String value = System.getProperty(name, "");
        try {
            int number = value.isEmpty() ? ifAbsent : Integer.parseInt(value);
            if (number > 0) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // As wrong as a negative one.
        }
        throw new IllegalArgumentException("-D%s=%s: give a whole number from 1".formatted(name, value));
    }

    /**
     * One of an enum's values, in small letters and with hyphens.
     *
     * @param name of the option, for the error
     * @throws IllegalArgumentException naming all values, if it is none of them
     */
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

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
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
