package io.datastream.imaging.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.datastream.imaging.local.LocalCloud;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The operator's jar in JVMs of its own, set to an embedded cloud by the AWS SDK's own variables. */
public record ImagingJar(Map<String, String> environment) {

    private static final Path JAR = Path.of("target/imaging.jar");

    /** The classes of a first run, so that the other runs start in half the time. */
    private static final Path AOT_CACHE = Path.of("target/imaging.aot");

    /** What one command came to. */
    public record Result(int exitCode, String out, String error) {}

    public static ImagingJar of(LocalCloud cloud) {
        Map<String, String> environment = new HashMap<>();
        environment.put("AWS_REGION", LocalCloud.REGION);
        environment.put("AWS_ACCESS_KEY_ID", "test");
        environment.put("AWS_SECRET_ACCESS_KEY", "test");
        environment.put("AWS_ENDPOINT_URL_SQS", cloud.sqsEndpoint().toString());
        environment.put("AWS_ENDPOINT_URL_DYNAMODB", cloud.dynamoDbEndpoint().toString());
        environment.put("AWS_EC2_METADATA_DISABLED", "true");
        environment.put("AWS_CONFIG_FILE", "/no/such/file");
        environment.put("AWS_SHARED_CREDENTIALS_FILE", "/no/such/file");
        // Nobody listens there: an emulator of queues and tables only.
        environment.put("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
        writeAotCache(environment, cloud.outputs());
        return new ImagingJar(environment);
    }

    /** The same with another variable. */
    public ImagingJar with(String variable, String value) {
        Map<String, String> more = new HashMap<>(environment);
        more.put(variable, value);
        return new ImagingJar(more);
    }

    private static synchronized void writeAotCache(Map<String, String> environment, Map<String, String> outputs) {
        try {
            if (!Files.exists(AOT_CACHE)
                    || Files.getLastModifiedTime(AOT_CACHE).compareTo(Files.getLastModifiedTime(JAR)) < 0) {
                result(start(
                        environment,
                        List.of("-XX:AOTCacheOutput=" + AOT_CACHE),
                        "dlq",
                        "inspect",
                        "--dlq",
                        outputs.get("DeadLetterQueueUrl"),
                        "--table",
                        outputs.get("TableName")));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a command. */
    public Process start(String... arguments) {
        return start(environment, List.of("-XX:TieredStopAtLevel=1", "-XX:AOTCache=" + AOT_CACHE), arguments);
    }

    private static Process start(Map<String, String> environment, List<String> options, String... arguments) {
        // Functions run at the same time, and have a deadline. A command has none.
        List<String> command = new ArrayList<>(List.of("nice", "-n", "10"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx256m");
        command.addAll(options);
        command.addAll(List.of("-jar", JAR.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a command to its end. */
    public Result run(String... arguments) {
        return result(start(arguments));
    }

    /** Reads what a command prints, and waits for its end. */
    public static Result result(Process process) {
        CompletableFuture<String> out = CompletableFuture.supplyAsync(() -> read(process.inputReader(UTF_8)));
        CompletableFuture<String> error = CompletableFuture.supplyAsync(() -> read(process.errorReader(UTF_8)));
        try {
            if (!process.waitFor(3, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new AssertionError("the command does not end");
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        return new Result(process.exitValue(), out.join(), error.join());
    }

    private static String read(BufferedReader reader) {
        try (reader) {
            return reader.readAllAsString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
