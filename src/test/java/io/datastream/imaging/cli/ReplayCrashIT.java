package io.datastream.imaging.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.datastream.imaging.deadletter.TestQueue;
import io.datastream.imaging.deadletter.Uploads;
import io.datastream.imaging.local.CloudSettings;
import io.datastream.imaging.local.FunctionCode;
import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.local.template.Template;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The tool dies by SIGKILL, again and again, in the midst of its work. */
class ReplayCrashIT {

    private static final int MESSAGES = 10_000;
    private static final int KILLS = 50;

    /** As the README promises. */
    private static final Duration BACK_AFTER_A_CRASH = Duration.ofMinutes(1);

    private final Random random = new Random(4);
    private LocalCloud cloud;
    private TestQueue deadLetters;
    private TestQueue queue;

    @BeforeEach
    void start() {
        cloud = LocalCloud.start(CloudSettings.of(
                        Template.read(Path.of("cloudformation/pipeline.yaml")),
                        new FunctionCode.Jar(Path.of("target/ingest-function.jar")))
                .withParameter("EventSourceEnabled", false));
        deadLetters = new TestQueue(cloud.sqs(), cloud.outputs().get("DeadLetterQueueUrl"));
        queue = new TestQueue(cloud.sqs(), cloud.outputs().get("QueueUrl"));
    }

    @AfterEach
    void stop() {
        cloud.close();
    }

    @Test
    void fiftyKillsLoseNoMessageAndTheNextRunFinishesTheWork() throws Exception {
        List<String> bodies = IntStream.range(0, MESSAGES)
                .mapToObj(number -> Uploads.body("ward/patient-%05d.dcm".formatted(number)))
                .toList();
        deadLetters.send(bodies);

        for (int kill = 0; kill < KILLS; kill++) {
            await().atMost(BACK_AFTER_A_CRASH).until(() -> deadLetters.visible() > 0);
            killInTheMidstOfAReplay();
        }

        await().atMost(BACK_AFTER_A_CRASH).until(() -> deadLetters.inFlight() == 0);
        assertThat(deadLetters.visible())
                .as("the kills came before the work was done")
                .isPositive();

        ImagingJar.Result last = ImagingJar.result(replay());

        assertThat(last.exitCode()).as(last.out() + last.error()).isZero();
        assertThat(deadLetters.visible() + deadLetters.inFlight()).isZero();
        assertThat(new HashSet<>(queue.takeAll().values())).isEqualTo(Set.copyOf(bodies));
    }

    private void killInTheMidstOfAReplay() throws InterruptedException {
        int before = queue.visible();
        Process run = replay("--rate", "150");
        try {
            await().atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> queue.visible() > before || !run.isAlive());
            // Some come before the first delete, some after many messages.
            run.waitFor(random.nextLong(800), TimeUnit.MILLISECONDS);
        } finally {
            run.destroyForcibly().waitFor();
        }
    }

    private Process replay(String... more) {
        String[] options = {"dlq", "replay", "--dlq", deadLetters.url(), "--queue", queue.url(), "--key-prefix", "ward/"
        };
        String[] all = Arrays.copyOf(options, options.length + more.length);
        System.arraycopy(more, 0, all, options.length, more.length);
        return ImagingJar.of(cloud).start(all);
    }
}
