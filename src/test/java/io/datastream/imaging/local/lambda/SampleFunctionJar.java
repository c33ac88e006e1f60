package io.datastream.imaging.local.lambda;

import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;

/** Packs {@link SampleFunction} as a real function is packed: with the event classes, and joda-time or without. */
final class SampleFunctionJar {

    private SampleFunctionJar() {}

    static Path packWithJodaTime(Path jar) throws IOException {
        return pack(jar, SQSEvent.class, org.joda.time.DateTime.class);
    }

    static Path packWithoutJodaTime(Path jar) throws IOException {
        return pack(jar, SQSEvent.class);
    }

    private static Path pack(Path target, Class<?>... libraries) throws IOException {
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(target))) {
            for (Class<?> library : libraries) {
                addClasses(jar, jarOf(library));
            }
            add(jar, SampleFunction.class);
            add(jar, SampleFunction.Broken.class);
            add(jar, SampleFunction.Exiting.class);
        }
        return target;
    }

    private static Path jarOf(Class<?> type) throws IOException {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }

    private static void addClasses(JarOutputStream target, Path library) throws IOException {
        try (JarFile jar = new JarFile(library.toFile())) {
            for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
                JarEntry entry = entries.nextElement();
                if (entry.getName().endsWith(".class")) {
                    add(target, entry.getName(), jar.getInputStream(entry));
                }
            }
        }
    }

    private static void add(JarOutputStream target, Class<?> type) throws IOException {
        String name = type.getName().replace('.', '/') + ".class";
        add(target, name, type.getClassLoader().getResourceAsStream(name));
    }

    private static void add(JarOutputStream target, String name, InputStream content) throws IOException {
        try (content) {
            target.putNextEntry(new JarEntry(name));
            content.transferTo(target);
            target.closeEntry();
        }
    }
}
