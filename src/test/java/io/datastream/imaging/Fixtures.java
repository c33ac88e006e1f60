package io.datastream.imaging;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The message bodies under {@code src/test/resources/events}: the folder of each says what must become of it. */
public final class Fixtures {

    private static final Path EVENTS = Path.of("src/test/resources/events");

    /**
     * One message body.
     *
     * @param path below the folder of events
     * @param body its text
     */
    public record Fixture(Path path, String body) {

        /** Shown as the name of a parameterised test. */
        @Override
        public String toString() {
            return path.toString();
        }
    }

    private Fixtures() {}

    /** All bodies in a folder and below, sorted. */
    public static List<Fixture> in(String folder) {
        try (Stream<Path> files = Files.walk(EVENTS.resolve(folder))) {
            return files.filter(Files::isRegularFile)
                    .sorted()
                    .map(Fixtures::read)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One body. */
    public static String body(String path) {
        return read(EVENTS.resolve(path)).body();
    }

    private static Fixture read(Path file) {
        try {
            return new Fixture(EVENTS.relativize(file), Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
