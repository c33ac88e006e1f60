package io.datastream.imaging.load.benchmark;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.datastream.imaging.deadletter.TestQueue;
import io.datastream.imaging.deadletter.Uploads;
import io.datastream.imaging.local.LocalClients;
import io.datastream.imaging.local.LocalCloud;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;

/**
 * The real command on a large queue: messages of five kinds, 60 ms a call, a second consumer beside. One
 * inspection; then a filtered replay at 500 messages a second that is killed (SIGKILL) ten times, and the last one waits
 * for what the killed ones had leased. At the end both queues are compared with what they must hold, message by message.
 *
 * <p>Prints seconds and the peak memory of each command (resident set, from {@code /proc}).
 */
final class LargeDeadLetterQueue {

    private static final int MESSAGES = Integer.getInteger("messages", 100_000);
    private static final int DELAY = Integer.getInteger("delay", 60);
    private static final int KILLS = Integer.getInteger("kills", 10);
    private static final int RATE = Integer.getInteger("rate", 500);

    private final SqsInMemory server;
    private final SqsClient sqs;
    private final TestQueue deadLetters;
    private final TestQueue queue;

    private LargeDeadLetterQueue(SqsInMemory server, SqsClient sqs) {
        this.server = server;
        this.sqs = sqs;
        this.deadLetters = new TestQueue(sqs, server.url("dead-letters"));
        this.queue = new TestQueue(sqs, server.url("uploads"));
    }

    public static void main(String[] arguments) throws Exception {
        System.setProperty("sun.net.httpserver.nodelay", "true");
        try (SqsInMemory server = new SqsInMemory(Duration.ofMillis(DELAY));
                SqsClient sqs = LocalClients.sqs(server.endpoint())) {
            new LargeDeadLetterQueue(server, sqs).run();
        }
    }

    private void run() throws Exception {
        List<String> wanted = bodies("ward/patient-%06d.dcm", "2.1");
        List<String> others = new ArrayList<>(bodies("ward/scan-%06d.dcm", "2.1"));
        others.addAll(bodies("ward/patient-%06d.dcm", "3.0"));
        for (int i = 0; i < MESSAGES / 5; i++) {
            others.add("upload of patient " + i);
            others.add("{\"Records\":[{\"number\":" + i + "}]}");
        }
        List<String> all = new ArrayList<>(wanted);
        all.addAll(others);
        Collections.shuffle(all, new Random(7));
        deadLetters.send(all);
        System.out.printf("%,d messages of five kinds, %d ms a call%n", all.size(), DELAY);

        AtomicBoolean isOver = new AtomicBoolean();
        AtomicLong stolen = new AtomicLong();
        Process inspection = start("dlq", "inspect", "--json");
        await(() -> deadLetters.inFlight() >= MESSAGES || !inspection.isAlive());
        Thread second = Thread.startVirtualThread(() -> consume(isOver, stolen));
        System.out.println("inspect: " + finish(inspection));
        isOver.set(true);
        second.join();
        System.out.printf(
                "a second consumer got %,d messages between the last receive and the first releases%n", stolen.get());
        await(() -> deadLetters.inFlight() == 0);

        for (int kill = 1; kill <= KILLS; kill++) {
            int before = queue.visible();
            Process replay = replay();
            await(() -> queue.visible() > before + 200 || !replay.isAlive());
            String memory = peak(replay);
            replay.destroyForcibly().waitFor();
            System.out.printf(
                    "kill %d: %,d sent so far, %,d leased by killed runs, %s%n",
                    kill, queue.visible(), deadLetters.inFlight(), memory);
        }
        System.out.println("last replay: " + finish(replay("--wait", "--json")));

        List<String> arrived = new ArrayList<>(queue.takeAll().values());
        Set<String> sent = new HashSet<>(arrived);
        System.out.printf(
                "%,d messages were sent twice: their run was killed between sending and deleting%n",
                arrived.size() - sent.size());
        List<String> left = new ArrayList<>(deadLetters.takeAll().values());
        check(sent.equals(Set.copyOf(wanted)), "the queue has each wanted message, and no other");
        check(
                left.size() == others.size() && Set.copyOf(left).equals(Set.copyOf(others)),
                "the DLQ has each other message once");
    }

    private static void check(boolean holds, String text) {
        System.out.println((holds ? "yes: " : "NO: ") + text);
        if (!holds) {
            throw new IllegalStateException(text);
        }
    }

    private static List<String> bodies(String key, String version) {
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < MESSAGES / 5; i++) {
            bodies.add(Uploads.body(key.formatted(i), version));
        }
        return bodies;
    }

    private void consume(AtomicBoolean isOver, AtomicLong stolen) {
        while (!isOver.get() && deadLetters.inFlight() >= MESSAGES) {
            List<Message> messages = sqs.receiveMessage(request -> request.queueUrl(deadLetters.url())
                            .maxNumberOfMessages(10)
                            .visibilityTimeout(1))
                    .messages();
            stolen.addAndGet(messages.size());
            LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
        }
    }

    private Process replay(String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "dlq",
                "replay",
                "--reason",
                "not-looked-up",
                "--rate",
                Integer.toString(RATE),
                "--queue",
                queue.url()));
        arguments.addAll(List.of(more));
        return start(arguments.toArray(String[]::new));
    }

    private Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-jar",
                "target/imaging.jar"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--dlq", deadLetters.url()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment()
                .putAll(Map.of(
                        "AWS_REGION",
                        LocalCloud.REGION,
                        "AWS_ACCESS_KEY_ID",
                        "test",
                        "AWS_SECRET_ACCESS_KEY",
                        "test",
                        "AWS_ENDPOINT_URL_SQS",
                        server.endpoint().toString()));
        return builder.start();
    }

    private static String finish(Process process) throws Exception {
        long start = System.nanoTime();
        String memory = "";
        while (process.isAlive()) {
            String now = peak(process);
            memory = now.isEmpty() ? memory : now;
            process.waitFor(500, TimeUnit.MILLISECONDS);
        }
        String out = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        return "exit %d after %,d s, %s%n  %s"
                .formatted(
                        process.exitValue(),
                        Duration.ofNanos(System.nanoTime() - start).toSeconds(),
                        memory,
                        out);
    }

    private static String peak(Process process) {
        try {
            return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                    .filter(line -> line.startsWith("VmHWM"))
                    .map(line -> "peak memory " + Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024 + " MB")
                    .findFirst()
                    .orElse("");
        } catch (IOException e) {
            return "";
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            Thread.sleep(100);
        }
    }
}
