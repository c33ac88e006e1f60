package io.datastream.imaging.cli;

/**
 * Starts {@link ImagingCommand}, or the class that the system property {@code imaging.main} names, if this Java is new
 * enough. Compiled for Java 9, so that an older Java than the required one prints one line instead of an
 * UnsupportedClassVersionError.
 */
public final class Main {
    private static final int REQUIRED = 25;

    private Main() {}

    public static void main(String[] arguments) throws ReflectiveOperationException {
        if (Runtime.version().major() < REQUIRED) {
            System.err.println("Java " + REQUIRED + " or later is required, this is Java "
                    + Runtime.version().major() + " in " + System.getProperty("java.home")
                    + ": run the java command of a JDK " + REQUIRED);
            System.exit(2);
        }
        // By reflection: this class is compiled before the others, and for an older Java.
        Class.forName(System.getProperty("imaging.main", "io.datastream.imaging.cli.ImagingCommand"))
                .getMethod("main", String[].class)
                .invoke(null, (Object) arguments);
    }
}
