package io.datastream.imaging.load.benchmark;

import io.datastream.imaging.local.lambda.FunctionConfiguration;
import io.datastream.imaging.local.lambda.FunctionError;
import io.datastream.imaging.local.lambda.ProcessEnvironment;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;

/**
 * How the JVM of a measured function is started: under Lambda's runtime interface client, as in the embedded cloud, with
 * a class path and an endpoint of the benchmark's own.
 *
 * @param handler {@code package.Class::method}
 * @param classPath jars and folders of classes, in order
 * @param services provider classes by the interface that they implement, besides those of the class path
 */
record FunctionJvm(String handler, List<Path> classPath, Map<String, String> services) {

    static final String INGEST_HANDLER = "io.datastream.imaging.ingest.IngestHandler::handleRequest";

    /**
     * Starts the JVM.
     *
     * @param memorySize megabytes
     * @param log takes each line of output
     * @throws FunctionError if the function could not be initialised
     */
    ProcessEnvironment start(int memorySize, URI dynamoDb, ServerCertificate certificate, Consumer<String> log)
            throws IOException, FunctionError {
        Map<String, String> environment = new HashMap<>();
        environment.put("TABLE_NAME", "ImageMetadata");
        environment.put("AWS_ENDPOINT_URL_DYNAMODB", dynamoDb.toString());
        environment.put("JAVA_TOOL_OPTIONS", certificate.trustOptions());
        // With SnapStart, Lambda's java25 runtime leaves both compilers on. These options come after the command
        // line's.
        environment.put("_JAVA_OPTIONS", "-XX:TieredStopAtLevel=4");
        return ProcessEnvironment.start(
                new FunctionConfiguration("ingest", "1", handler, memorySize, Duration.ofSeconds(20), environment),
                jar(),
                log);
    }

    /** The jar or the folder of classes that a class was loaded from. */
    static Path locationOf(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A jar without classes, whose manifest refers to the class path. */
    private Path jar() throws IOException {
        Path jar = Files.createTempFile("imaging-function-", ".jar");
        jar.toFile().deleteOnExit();
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes()
                .put(
                        Attributes.Name.CLASS_PATH,
                        classPath.stream()
                                .map(path -> path.toAbsolutePath().toUri().toString())
                                .collect(Collectors.joining(" ")));
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(file, manifest)) {
            for (Map.Entry<String, String> service : services.entrySet()) {
                entries.putNextEntry(new JarEntry("META-INF/services/" + service.getKey()));
                entries.write(service.getValue().getBytes(StandardCharsets.UTF_8));
                entries.closeEntry();
            }
        }
        return jar;
    }
}
