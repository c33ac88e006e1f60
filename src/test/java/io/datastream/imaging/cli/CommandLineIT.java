package io.datastream.imaging.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.datastream.imaging.cli.ImagingJar.Result;
import io.datastream.imaging.deadletter.TestQueue;
import io.datastream.imaging.deadletter.Uploads;
import io.datastream.imaging.local.CloudSettings;
import io.datastream.imaging.local.FunctionCode;
import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.local.template.Template;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The jar as an operator has it: what it prints, how it ends, and what its errors say. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CommandLineIT {

    private static final String CURRENT_PATTERN = "pat-(?<patientId>[0-9]+)\\\\.dcm";

    private LocalCloud cloud;
    private StubAws aws;
    private ImagingJar imaging;
    private TestQueue deadLetters;
    private TestQueue queue;

    @BeforeAll
    void start() {
        cloud = LocalCloud.start(CloudSettings.of(
                        Template.read(Path.of("cloudformation/pipeline.yaml")),
                        new FunctionCode.Jar(Path.of("target/ingest-function.jar")))
                .withParameter("EventSourceEnabled", false));
        deadLetters = new TestQueue(cloud.sqs(), cloud.outputs().get("DeadLetterQueueUrl"));
        queue = new TestQueue(cloud.sqs(), cloud.outputs().get("QueueUrl"));
        aws = new StubAws()
                .withOutputs(cloud.outputs())
                .withOutputs(Map.of(
                        "FunctionName", "imaging-ingest",
                        "FunctionAliasArn", "arn:aws:lambda:us-east-1:000000000000:function:imaging-ingest:live",
                        "EventSourceId", "c5ac93b1"))
                .withAnswer("function:imaging-ingest:live/configuration", version("3", CURRENT_PATTERN))
                .withAnswer(
                        "imaging-ingest/versions",
                        "{\"Versions\":["
                                + String.join(
                                        ",",
                                        version("$LATEST", CURRENT_PATTERN),
                                        version("1", "old-(?<patientId>[0-9]+)"),
                                        version("2", "patient-(?<patientId>[0-9]+)\\\\.dcm"),
                                        version("3", CURRENT_PATTERN))
                                + "]}")
                .withAnswer(
                        "event-source-mappings/c5ac93b1",
                        "{\"UUID\":\"c5ac93b1\",\"State\":\"Enabled\",\"ScalingConfig\":{\"MaximumConcurrency\":10}}");
        imaging = ImagingJar.of(cloud)
                .with("AWS_ENDPOINT_URL_CLOUDFORMATION", aws.endpoint())
                .with("AWS_ENDPOINT_URL_LAMBDA", aws.endpoint());
    }

    private static String version(String number, String pattern) {
        return "{\"FunctionName\":\"imaging-ingest\",\"Version\":\"" + number
                + "\",\"Environment\":{\"Variables\":{\"PATIENT_ID_PATTERN\":\"" + pattern + "\"}}}";
    }

    @AfterAll
    void stop() {
        aws.close();
        cloud.close();
    }

    @BeforeEach
    void empty() {
        for (TestQueue one : List.of(deadLetters, queue)) {
            cloud.sqs().purgeQueue(request -> request.queueUrl(one.url()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "dlq", "dlq inspect", "dlq replay", "dlq save", "dlq drop", "status"})
    void everyCommandHasHelpThatFitsATerminal(String command) {
        Result help = imaging.run((command + " --help").strip().split(" "));

        assertThat(help.exitCode()).isZero();
        assertThat(help.error()).isEmpty();
        assertThat(help.out()).startsWith("Usage: imaging").contains("--help");
        assertThat(help.out().lines()).allMatch(line -> line.length() <= 80);
    }

    @Test
    void aStackTellsEverythingAlsoThePatternsOfItsFunction() {
        deadLetters.send(List.of(
                Uploads.body("pat-1.dcm"), Uploads.body("old-1.dcm"), Uploads.body("patient-1.dcm"), "by hand"));

        Result inspected = imaging.run("dlq", "inspect", "--stack", "imaging", "--json");

        assertThat(inspected.exitCode()).isZero();
        assertThat(inspected.out())
                .contains("{\"diagnosis\":\"not-recorded\",\"formerly\":\"no-patient-id\",\"messages\":1,")
                .contains("{\"diagnosis\":\"no-patient-id\",\"messages\":2,")
                .contains("{\"diagnosis\":\"not-json\",\"messages\":1,");
    }

    @Test
    void namesArePrintedOnlyWhenAskedFor() {
        deadLetters.send(List.of(Uploads.body("ward/patient-4711.dcm"), "call Meier"));

        Result masked = dlq("inspect", "--show", "2");
        Result revealed = dlq("inspect", "--show", "2", "--reveal");

        assertThat(masked.out() + masked.error()).doesNotContain("4711", "Meier", "ward");
        assertThat(revealed.out()).contains("ward/patient-4711.dcm", "call Meier");
    }

    @Test
    void everythingGoesByTheMoveTaskIfNothingWouldComeBack() {
        deadLetters.send(uploads(20));

        Result replayed = dlq("replay");

        assertThat(replayed.out()).isEqualTo("SQS's move task: completed, about 20 messages moved.\n");
        assertThat(replayed.exitCode()).isZero();
        assertThat(queue.visible()).isEqualTo(20);
    }

    @Test
    void whatWouldComeBackKeepsEverythingFromTheMoveTask() {
        deadLetters.send(uploads(20));
        deadLetters.send(List.of("by hand"));

        Result replayed = dlq("replay");

        assertThat(replayed.out()).contains("20 sent, 20 of them deleted").contains("1 not-json");
        assertThat(replayed.exitCode()).isEqualTo(1);
        assertThat(deadLetters.takeAll().values()).containsExactly("by hand");
    }

    @Test
    void aQueueThatTheMoveTaskRefusesGoesMessageByMessage() {
        // As the queue of what SNS could not deliver: no queue's redrive points at it.
        TestQueue undelivered = new TestQueue(
                cloud.sqs(),
                cloud.sqs()
                        .createQueue(request -> request.queueName("undelivered"))
                        .queueUrl());
        undelivered.send(uploads(5));

        Result replayed = imaging.run(
                "dlq",
                "replay",
                "--stack",
                "imaging",
                "--pattern",
                "patient-(?<patientId>[0-9]+)\\.dcm",
                "--dlq",
                undelivered.url());

        assertThat(replayed.exitCode()).as(replayed.error()).isZero();
        assertThat(queue.visible()).isEqualTo(5);
        assertThat(undelivered.visible() + undelivered.inFlight()).isZero();
    }

    @Test
    void savedThenDropped(@TempDir Path folder) throws IOException {
        deadLetters.send(uploads(3));
        String file = folder.resolve("saved.jsonl").toString();

        assertThat(dlq("save", file).out()).isEqualTo("3 of 3 messages are saved.\n");
        assertThat(dlq("save", file).error()).contains("is there already: give another name");
        assertThat(dlq("drop", file).out())
                .isEqualTo("3 messages deleted, which the file holds; 0 kept, which it does not.\n");
        assertThat(dlq("inspect").out()).isEqualTo("The dead-letter queue is empty.\n");
        Files.writeString(folder.resolve("other.jsonl"), "{}\n");
        assertThat(dlq("drop", folder.resolve("other.jsonl").toString()).error())
                .containsPattern("^imaging: .*line 1 .*\n$");
    }

    @Test
    void ctrlCFinishesWhatIsUnderWayAndGivesBackTheRest() throws Exception {
        List<String> bodies = uploads(200);
        deadLetters.send(bodies);
        Process run = imaging.start(options("replay", "--rate", "10", "--limit", "1000"));
        await().until(() -> queue.visible() > 0);

        // Of the process, this would close its streams as well.
        run.toHandle().destroy();
        Result stopped = ImagingJar.result(run);

        assertThat(stopped.exitCode()).isNotZero();
        assertThat(stopped.out()).contains("Not all was seen: run the command again.");
        assertThat(deadLetters.inFlight()).isZero();
        assertThat(deadLetters.visible() + queue.visible()).isEqualTo(200);
    }

    @Test
    void statusSaysWhatItCannotKnow() {
        deadLetters.send(List.of("by hand"));

        Result status = imaging.run("status", "--stack", "imaging");

        assertThat(status.out())
                .contains("Queue     about 0 waiting")
                .contains("CloudWatch: AWS is not reachable")
                .contains("Feeding   Enabled")
                .contains("DLQ       about 1 waiting: 1 not-json; oldest")
                .contains("! messages are in the dead-letter queue");
        assertThat(status.exitCode()).isEqualTo(1);
    }

    @Test
    void everyMistakeIsOneLineThatSaysWhatToDo() {
        assertError(imaging.run("dlq", "inspect"), "which pipeline? Give --stack NAME, or --dlq URL");
        assertError(imaging.run("dlq", "inspect", "--stack", "typo"), "there is no stack typo in this region");
        assertError(imaging.run("dlq", "inspect", "--dlq", queue.url() + "x"), "there is no such queue");
        assertError(imaging.run("dlq", "replay", "--dlq", queue.url(), "--queue", queue.url()), "are the same queue");
        assertError(dlq("replay", "--reason", "typo"), "no reason is called typo; there are: not-json");
        assertError(dlq("inspect", "--pattern", "(?<patientId>"), "the patient ID pattern is no regular expression");
        assertError(dlq("inspect", "--older-than", "long"), "not an age, such as 90s, 30m, 12h or 2d");
        assertError(dlq("replay", "--rate", "0"), "--rate is above 0");
        assertError(dlq("drop", "/no/such/file"), "there is no file or folder /no/such/file");
        assertError(dlq("save"), "FILE");
        ImagingJar refused = imaging.with("AWS_ENDPOINT_URL_SQS", aws.endpoint());
        assertError(
                refused.run("dlq", "inspect", "--stack", "imaging"),
                "AWS refuses: User: arn:aws:iam::000000000000:user/intern is not authorized");
        ImagingJar alone = imaging.with("AWS_REGION", "").with("AWS_CONFIG_FILE", "none");
        assertError(alone.run("dlq", "inspect", "--dlq", queue.url()), "no AWS region is set");
    }

    @Test
    void theJarShipsNeitherEmulatorNorTest() throws IOException {
        try (JarFile jar = new JarFile("target/imaging.jar")) {
            assertThat(jar.stream().map(entry -> entry.getName()))
                    .contains("io/datastream/imaging/cli/ImagingCommand.class")
                    .noneMatch(name -> name.matches(
                            "(org/elasticmq|com/amazonaws|org/gaul|org/junit|io/datastream/imaging/(local|ingest)).*"));
        }
        try (JarFile jar = new JarFile("target/ingest-function.jar")) {
            assertThat(jar.stream().map(entry -> entry.getName()))
                    .noneMatch(
                            name -> name.matches(
                                    "(picocli|software/amazon/awssdk/services/(sqs|lambda|cloud\\w+)|io/datastream/imaging/(cli|deadletter))/.+"));
        }
    }

    private static void assertError(Result result, String text) {
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.error()).startsWith("imaging: ").contains(text);
        assertThat(result.error().lines()).hasSize(1);
    }

    private static List<String> uploads(int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> Uploads.body("patient-%d.dcm".formatted(number)))
                .toList();
    }

    private Result dlq(String command, String... more) {
        return imaging.run(options(command, more));
    }

    private String[] options(String command, String... more) {
        List<String> all = new ArrayList<>(List.of("dlq", command, "--dlq", deadLetters.url()));
        if (!command.equals("drop") && !command.equals("save")) {
            all.addAll(List.of("--queue", queue.url()));
        }
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }
}
