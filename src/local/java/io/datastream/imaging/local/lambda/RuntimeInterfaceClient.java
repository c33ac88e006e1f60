package io.datastream.imaging.local.lambda;

import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;
import com.amazonaws.services.lambda.runtime.serialization.PojoSerializer;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import software.amazon.awssdk.utilslite.SdkInternalThreadLocal;

/** The command line of a JVM that runs a function as Lambda's managed Java runtime does. Linux only, as the client is. */
final class RuntimeInterfaceClient {

    private static final String NATIVE_LIBRARY_PROPERTY =
            "com.amazonaws.services.lambda.runtime.api.client.runtimeapi.NativeClient.JNI";

    /** The share of a function's memory that Lambda gives to the heap. */
    private static final int HEAP_PERCENT = 85;

    private RuntimeInterfaceClient() {}

    static List<String> commandLine(FunctionConfiguration function, Path functionJar) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + function.memorySize() * 1024L * HEAP_PERCENT / 100 + "k",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                // Left to itself, each client unpacks the library to one shared file: simultaneous starts would race.
                // org.crac finds the client's own hooks by this; Lambda's start-up script is not in the client.
                "-Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac",
                "-D" + NATIVE_LIBRARY_PROPERTY + "=" + NativeLibrary.UNPACKED,
                "-cp",
                classPath(functionJar),
                AWSLambda.class.getName(),
                function.handler());
    }

    /** The runtime's own jars come first: on Lambda they are the parent of the function's class loader. */
    private static String classPath(Path functionJar) {
        Stream<Path> runtime = Stream.of(
                        AWSLambda.class, RequestHandler.class, PojoSerializer.class, SdkInternalThreadLocal.class)
                .map(RuntimeInterfaceClient::jarOf);
        return Stream.concat(runtime, Stream.of(functionJar.toAbsolutePath()))
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static Path jarOf(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        try {
            return Path.of(source.getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("The jar of " + type.getName() + " cannot be found", e);
        }
    }

    /** The client's native part, unpacked once for all environments of this JVM. */
    private static final class NativeLibrary {

        static final Path UNPACKED = unpack();

        private static Path unpack() {
            String name = "libaws-lambda-jni." + platform() + ".so";
            try (InputStream library = AWSLambda.class.getResourceAsStream("/jni/" + name)) {
                if (library == null) {
                    throw new IllegalStateException("The runtime interface client has no " + name);
                }
                Path unpacked = Files.createTempFile("imaging-lambda-runtime-", ".so");
                unpacked.toFile().deleteOnExit();
                Files.write(unpacked, library.readAllBytes());
                return unpacked;
            } catch (IOException e) {
                throw new UncheckedIOException("The runtime interface client's native library cannot be unpacked", e);
            }
        }

        private static String platform() {
            if (!System.getProperty("os.name").equals("Linux")) {
                throw new IllegalStateException(
                        "The runtime interface client runs on Linux only: " + "elsewhere, run the handler in process");
            }
            String system = Files.exists(Path.of("/etc/alpine-release")) ? "linux_musl" : "linux";
            String processor = System.getProperty("os.arch").equals("aarch64") ? "aarch_64" : "x86_64";
            return system + "-" + processor;
        }
    }
}
