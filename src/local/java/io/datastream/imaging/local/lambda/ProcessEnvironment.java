package io.datastream.imaging.local.lambda;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * An execution environment in a JVM of its own: the function's jar under Lambda's runtime interface client, with the
 * environment variables, heap and JVM options that Lambda sets. Linux only.
 */
public final class ProcessEnvironment implements ExecutionEnvironment {

    /** Lambda allows 10 s, and then starts again within the function's timeout. A busy machine may need longer. */
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private static final Set<Process> LIVING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> LIVING.forEach(Process::destroyForcibly)));
    }

    private final RuntimeApi runtimeApi;
    private final Process process;
    private final Duration timeout;

    private ProcessEnvironment(RuntimeApi runtimeApi, Process process, Duration timeout) {
        this.runtimeApi = runtimeApi;
        this.process = process;
        this.timeout = timeout;
    }

    /**
     * Starts a JVM and returns when its function requests the first invocation.
     *
     * @param functionJar the deployment package, or a directory of classes
     * @param log takes each line of the process's output, on a thread of the environment's own
     * @throws FunctionError with the function's own text, if it could not be initialised
     */
    public static ProcessEnvironment start(FunctionConfiguration function, Path functionJar, Consumer<String> log)
            throws FunctionError {
        RuntimeApi runtimeApi = new RuntimeApi(function.arn());
        ProcessBuilder builder = new ProcessBuilder(RuntimeInterfaceClient.commandLine(function, functionJar))
                .directory(functionJar.toAbsolutePath().getParent().toFile())
                .redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(environmentVariables(function, runtimeApi.address()));
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            runtimeApi.close();
            throw new UncheckedIOException("No JVM could be started", e);
        }
        LIVING.add(process);
        ProcessEnvironment environment = new ProcessEnvironment(runtimeApi, process, function.timeout());
        Thread.ofPlatform().daemon().name("function-output-" + process.pid()).start(() -> copyOutput(process, log));
        process.onExit().thenAccept(environment::exited);
        try {
            environment.await(runtimeApi.initialised(), START_LIMIT, "Init timed out after " + START_LIMIT.toSeconds());
            return environment;
        } catch (FunctionError error) {
            environment.close();
            throw error;
        }
    }

    /**
     * A function with a URI to fetch credentials from is started as by SnapStart: without other credentials.
     *
     * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html">Lambda's variables</a>
     */
    private static Map<String, String> environmentVariables(FunctionConfiguration function, String runtimeApi) {
        Map<String, String> variables = new HashMap<>();
        boolean snapStart = function.environment().containsKey("AWS_CONTAINER_CREDENTIALS_FULL_URI");
        if (!snapStart) {
            variables.put("AWS_ACCESS_KEY_ID", "test");
            variables.put("AWS_SECRET_ACCESS_KEY", "test");
        }
        variables.putAll(function.environment());
        variables.put("AWS_REGION", function.region());
        variables.put("AWS_DEFAULT_REGION", function.region());
        variables.put("AWS_EXECUTION_ENV", "AWS_Lambda_java25");
        variables.put("AWS_LAMBDA_FUNCTION_NAME", function.name());
        variables.put("AWS_LAMBDA_FUNCTION_VERSION", function.version());
        variables.put("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", Integer.toString(function.memorySize()));
        variables.put("AWS_LAMBDA_INITIALIZATION_TYPE", snapStart ? "snap-start" : "on-demand");
        variables.put("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/" + function.name());
        variables.put("AWS_LAMBDA_LOG_STREAM_NAME", "[" + function.version() + "]" + UUID.randomUUID());
        variables.put("AWS_LAMBDA_RUNTIME_API", runtimeApi);
        variables.put("_HANDLER", function.handler());
        variables.put("LANG", "en_US.UTF-8");
        variables.put("TZ", ":UTC");
        return variables;
    }

    private static void copyOutput(Process process, Consumer<String> log) {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            output.lines().forEach(log);
        } catch (IOException | UncheckedIOException unused) {
            // The process was killed while its output was read.
        }
    }

    private void exited(Process ended) {
        LIVING.remove(ended);
        // 128 + signal, as a shell says it.
        String reason =
                ended.exitValue() > 128 ? "signal: " + (ended.exitValue() - 128) : "exit status " + ended.exitValue();
        runtimeApi.fail(FunctionError.exited("Runtime exited with error: " + reason));
    }

    @Override
    public String invoke(String invocationId, String eventJson, Instant deadline) throws FunctionError {
        return await(
                runtimeApi.invoke(invocationId, eventJson, deadline),
                Duration.between(Instant.now(), deadline),
                "Task timed out after %d.%02d seconds".formatted(timeout.toSeconds(), timeout.toMillisPart() / 10));
    }

    /** Kills the process when the time is over, as Lambda does: a late response must have no effect. */
    private <T> T await(CompletableFuture<T> outcome, Duration limit, String timeoutText) throws FunctionError {
        try {
            return outcome.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException unused) {
            kill();
            throw FunctionError.timedOut(timeoutText);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof FunctionError error) {
                throw error;
            }
            throw new IllegalStateException(e);
        } catch (InterruptedException unused) {
            kill();
            Thread.currentThread().interrupt();
            throw FunctionError.exited("interrupted while the function ran");
        }
    }

    @Override
    public boolean alive() {
        return process.isAlive();
    }

    /** The process ID of the function's JVM. */
    public long pid() {
        return process.pid();
    }

    @Override
    public void kill() {
        process.destroyForcibly();
    }

    @Override
    public void close() {
        kill();
        runtimeApi.close();
    }
}
