package io.datastream.imaging.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.datastream.imaging.cli.ImagingJar.Result;
import io.datastream.imaging.deadletter.TestQueue;
import io.datastream.imaging.deadletter.Uploads;
import io.datastream.imaging.local.CloudSettings;
import io.datastream.imaging.local.FunctionCode;
import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.local.template.Template;
import io.datastream.imaging.metadata.ImageMetadataTable;
import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.PatientIdPattern;
import io.datastream.imaging.status.WatchedAlarm;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The command line on the template's table, with queues of its own for each test. What depends on the process (signals,
 * environment, streams) is tested on the real jar, the rest in this JVM, which is faster.
 */
@Execution(ExecutionMode.CONCURRENT)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CommandLineIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int KILLS = Integer.getInteger("kills", 10);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static LocalCloud cloud;

    @TempDir
    private Path folder;

    private Map<String, String> outputs;
    private StubAws aws;
    private ImagingJar imaging;
    private TestQueue deadLetters;
    private TestQueue queue;

    @BeforeAll
    static void startCloud() {
        cloud = LocalCloud.start(CloudSettings.of(
                        Template.read(Path.of("cloudformation/pipeline.yaml")),
                        new FunctionCode.Jar(Path.of("target/ingest-function.jar")))
                .withParameter("EventSourceEnabled", false));
    }

    @AfterAll
    static void stopCloud() {
        cloud.close();
    }

    @BeforeEach
    void makeQueuesAndStack() throws IOException {
        String name = UUID.randomUUID().toString();
        deadLetters = queue("dead-letters-" + name);
        queue = queue("uploads-" + name);
        outputs = new HashMap<>(cloud.outputs());
        outputs.putAll(Map.of(
                "DeadLetterQueueUrl", deadLetters.url(),
                "QueueUrl", queue.url(),
                "FunctionName", "imaging-ingest",
                "FunctionAliasArn", "arn:aws:lambda:us-east-1:000000000000:function:imaging-ingest:live",
                "EventSourceId", "c5ac93b1"));
        aws = new StubAws()
                .withStack("imaging", "CREATE_COMPLETE", outputs)
                .withStack("broken", "ROLLBACK_COMPLETE", Map.of())
                .withStack("reviewed", "REVIEW_IN_PROGRESS", Map.of())
                .withStack("half-deleted", "DELETE_FAILED", Map.of())
                .withStack("other", "CREATE_COMPLETE", Map.of("Something", "else"))
                .withAnswer(
                        "function:imaging-ingest:live/configuration",
                        "{\"FunctionName\":\"imaging-ingest\",\"Version\":\"3\",\"Environment\":{\"Variables\":"
                                + "{\"PATIENT_ID_PATTERN\":\"pat-(?<patientId>[0-9]+)\\\\.dcm\"}}}")
                .withAnswer(
                        "event-source-mappings/c5ac93b1",
                        "{\"UUID\":\"c5ac93b1\",\"State\":\"Enabled\",\"ScalingConfig\":{\"MaximumConcurrency\":10}}");
        imaging = ImagingJar.of(cloud)
                .with("AWS_ENDPOINT_URL_CLOUDFORMATION", aws.endpoint())
                .with("AWS_ENDPOINT_URL_LAMBDA", aws.endpoint());
        writeFilesOfALocalRun();
    }

    @AfterEach
    void closeStack() {
        aws.close();
    }

    private static TestQueue queue(String name) {
        return new TestQueue(
                cloud.sqs(),
                cloud.sqs().createQueue(request -> request.queueName(name)).queueUrl());
    }

    private void writeFilesOfALocalRun() throws IOException {
        Files.writeString(
                folder.resolve("local.env"),
                """
                unset AWS_PROFILE
                export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=%s
                export AWS_ENDPOINT_URL_SQS=%s AWS_ENDPOINT_URL_DYNAMODB=%s
                """
                        .formatted(LocalCloud.REGION, cloud.sqsEndpoint(), cloud.dynamoDbEndpoint()));
        Map<String, Object> stack = Map.of(
                "StackName",
                "local",
                "Parameters",
                List.of(Map.of("ParameterKey", "PatientIdPattern", "ParameterValue", PatientIdPattern.DEFAULT)),
                "Outputs",
                outputs.entrySet().stream()
                        .map(output -> Map.of("OutputKey", output.getKey(), "OutputValue", output.getValue()))
                        .toList());
        JSON.writeValue(folder.resolve("local-outputs.json").toFile(), Map.of("Stacks", List.of(stack)));
        JSON.writeValue(folder.resolve("stack.json").toFile(), stack);
        JSON.writeValue(folder.resolve("outputs.json").toFile(), stack.get("Outputs"));
    }

    /** In this JVM, on the local run. */
    private Result run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter error = new StringWriter();
        List<String> all = new ArrayList<>(List.of(arguments));
        if (all.stream().noneMatch(argument -> argument.startsWith("--outputs"))) {
            all.add("--local=" + folder);
        }
        int exitCode = ImagingCommand.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(error))
                .execute(all.toArray(String[]::new));
        return new Result(exitCode, out.toString(), error.toString());
    }

    private JsonNode json(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--json");
        return JSON.readTree(run(all.toArray(String[]::new)).out());
    }

    private static List<String> uploads(int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> Uploads.body("ward/patient-%05d.dcm".formatted(number)))
                .toList();
    }

    private void lease(int messages, Duration visibility) {
        for (int i = 0; i < messages; i += 10) {
            cloud.sqs().receiveMessage(request -> request.queueUrl(deadLetters.url())
                    .maxNumberOfMessages(10)
                    .visibilityTimeout((int) visibility.toSeconds()));
        }
    }

    private void record(String body) {
        new MessageReader(PatientIdPattern.compile(PatientIdPattern.DEFAULT))
                .read(body)
                .uploads()
                .forEach(upload -> cloud.dynamoDb()
                        .putItem(request -> request.tableName(cloud.outputs().get("TableName"))
                                .item(ImageMetadataTable.item(upload))));
    }

    // ---- where the pipeline is -------------------------------------------------------------------------------------

    @Test
    void aStackGivesTheQueuesAndTheDeployedPattern() {
        deadLetters.send(List.of(Uploads.body("pat-1.dcm"), Uploads.body("patient-1.dcm"), "by hand"));

        Result inspected = imaging.run("dlq", "inspect", "--stack", "imaging");

        assertThat(inspected.exitCode()).as(inspected.error()).isZero();
        assertThat(inspected.out())
                .contains("3 messages seen of about 3.")
                .contains("1  not-recorded")
                .contains("1  no-patient-id")
                .contains("1  not-json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"local-outputs.json", "stack.json", "outputs.json"})
    void aFileOfOutputsIsAsGoodAsAStack(String file) {
        deadLetters.send(uploads(1));

        Result inspected = imaging.with("AWS_REGION", "")
                .with("AWS_DEFAULT_REGION", LocalCloud.REGION)
                .run(
                        "dlq",
                        "inspect",
                        "--outputs",
                        folder.resolve(file).toString(),
                        "--pattern",
                        PatientIdPattern.DEFAULT);

        assertThat(inspected.exitCode()).as(inspected.error()).isZero();
        assertThat(inspected.out()).contains("1  not-recorded");
    }

    @Test
    void theNameOfAQueueIsAsGoodAsItsUrl() {
        deadLetters.send(uploads(1));
        String url = deadLetters.url();
        String name = url.substring(url.lastIndexOf('/') + 1);

        assertThat(run("dlq", "inspect", "--dlq", name).out()).contains("1 messages seen");
        assertThat(imaging.run("dlq", "inspect", "--dlq", name).out()).contains("1 messages seen");
    }

    @Test
    void everyMistakeIsOneLineThatSaysWhatToDo() {
        assertError(2, imaging.run("dlq", "inspect"), "which pipeline? Give --stack NAME");
        assertError(2, imaging.run("dlq", "inspect", "--stack", "typo"), "there is no stack typo in this Region");
        assertError(2, imaging.run("dlq", "inspect", "--stack", "broken"), "it is in state ROLLBACK_COMPLETE");
        assertError(2, imaging.run("dlq", "inspect", "--stack", "reviewed"), "it is in state REVIEW_IN_PROGRESS");
        assertError(2, imaging.run("dlq", "inspect", "--stack", "half-deleted"), "it is in state DELETE_FAILED");
        assertError(2, imaging.run("dlq", "inspect", "--stack", "other"), "is it a stack of cloudformation/");
        assertError(
                2,
                imaging.with("AWS_REGION", "").run("dlq", "inspect", "--dlq", queue.url()),
                "no AWS Region is set: for example, export AWS_REGION=");
        assertError(
                2,
                imaging.with("AWS_ACCESS_KEY_ID", "")
                        .with("AWS_SECRET_ACCESS_KEY", "")
                        .with("AWS_PROFILE", "ward")
                        .run("dlq", "inspect", "--dlq", queue.url()),
                "no AWS credentials were found in the environment or in profile ward: sign in");
    }

    @ParameterizedTest
    @CsvSource({
        "AccessDeniedException, 'User: intern is not authorized to perform: sqs:getqueueattributes on resource: arn:q',"
                + "AWS refuses sqs:GetQueueAttributes: User: intern is not authorized",
        "ExpiredTokenException, 'The security token is expired', the AWS credentials have expired",
        "KmsAccessDenied, 'not authorized to perform: kms:Decrypt on arn:aws:kms:key/1',"
                + "'the KMS key refuses sqs:GetQueueAttributes: KmsAccessDenied: not authorized to perform: kms:Decrypt'",
        "QueueDoesNotExist, '', there is no such queue: check --dlq",
        "SomethingElse, 'Why.', 'sqs:GetQueueAttributes fails with SomethingElse: Why.'"
    })
    void anErrorOfAwsNamesItsCause(String error, String text, String line) {
        aws.refuseSqs(error, text);

        Result result =
                imaging.with("AWS_ENDPOINT_URL_SQS", aws.endpoint()).run("dlq", "inspect", "--dlq", queue.url());

        assertError(1, result, line);
    }

    @Test
    void aKeyThatTheOperatorMayNotUseIsNamed() {
        aws.refuseToReceive("KmsAccessDenied", "intern is not authorized to perform: kms:Decrypt");

        Result result =
                imaging.with("AWS_ENDPOINT_URL_SQS", aws.endpoint()).run("dlq", "inspect", "--dlq", queue.url());

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out())
                .isEqualTo(
                        """
                        No message was seen.
                        ! Not all was done: the KMS key refuses sqs:ReceiveMessage: KmsAccessDenied: intern is not authorized to perform: kms:Decrypt. Enable the key, or give your role the permission (cloudformation/RUNBOOK.md#permissions) (key alias/imaging). Nothing is lost.
                        """);
    }

    private static void assertError(int exitCode, Result result, String text) {
        assertThat(result.error()).startsWith("imaging: ").contains(text);
        assertThat(result.exitCode()).isEqualTo(exitCode);
        assertThat(result.out()).isEmpty();
        assertThat(result.error().lines()).hasSize(1);
    }

    // ---- options ---------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @CsvSource({
        "replay --rate 0, --rate is from 0.01 to 10000",
        "replay --rate 1e-10, --rate is from 0.01 to 10000",
        "replay --rate NaN, --rate is from 0.01 to 10000",
        "replay --limit 0, --limit is 1 or more",
        "inspect --show -1, --show is from 0 to 1000",
        "inspect --older-than -5m, not an age from 1s to 14d",
        "inspect --older-than 999999999999d, not an age from 1s to 14d",
        "inspect --older-than 0s, not an age from 1s to 14d",
        "inspect --older-than 15d, not an age from 1s to 14d",
        "inspect --older-than long, not an age from 1s to 14d",
        "inspect --since 2999-01-01T00:00:00Z, --since is in the future",
        "inspect --since yesterday, not a time with its zone",
        "inspect --reason typo, no reason is called typo; there are: not-json",
        "inspect --pattern (?<patientId>, the patient ID pattern is no regular expression",
        "drop /no/such/file, there is no file or folder /no/such/file",
        "inspect --outputs pom.xml, pom.xml has no outputs of a stack",
        "inspect --outputs /no/such/file, no/such/file"
    })
    void aValueOutsideItsRangeIsRefused(String command, String text) {
        Result result = run(("dlq " + command).split(" "));

        assertThat(result.exitCode()).isIn(1, 2);
        assertThat(result.error()).contains(text).hasLineCount(1);
        assertThat(result.out()).isEmpty();
    }

    @Test
    void theSameQueueIsRefusedHoweverItsUrlIsSpelled() {
        assertError(
                2,
                imaging.run("dlq", "replay", "--dlq", queue.url(), "--queue", queue.url() + "/"),
                "are the same queue");
    }

    @ParameterizedTest
    @ValueSource(strings = {"inspect --reason recorded", "replay --reason not-recorded", "replay --skip-recorded"})
    void whatOnlyTheTableKnowsNeedsTheTable(String command) {
        List<String> all = new ArrayList<>(List.of(("dlq " + command).split(" ")));
        all.addAll(List.of("--dlq", deadLetters.url()));
        if (command.startsWith("replay")) {
            all.addAll(List.of("--queue", queue.url()));
        }

        assertError(2, imaging.run(all.toArray(String[]::new)), "give --stack NAME or --table NAME");
    }

    @Test
    void saveByAStateOfTheTableNeedsTheTable() {
        Path file = folder.resolve("none.jsonl");

        assertError(
                2,
                imaging.run("dlq", "save", "--dlq", deadLetters.url(), "--reason", "not-recorded", file.toString()),
                "give --stack NAME or --table NAME");
        assertThat(file).doesNotExist();
    }

    @Test
    void eachFilterOfAReplayIsApplied() throws IOException {
        String recorded = Uploads.body("ward/patient-990099.dcm");
        record(recorded);
        deadLetters.send(List.of(recorded));
        deadLetters.send(uploads(2));
        deadLetters.send(List.of("by hand", Uploads.body("other/patient-1.dcm")));
        String past = Instant.now().minusSeconds(3_600).toString();

        assertThat(sent("--dry-run")).isEqualTo(4);
        assertThat(sent("--dry-run", "--skip-recorded")).isEqualTo(3);
        assertThat(sent("--dry-run", "--force")).isEqualTo(5);
        assertThat(sent("--dry-run", "--reason", "not-json", "--force")).isEqualTo(1);
        assertThat(sent("--dry-run", "--reason", "recorded")).isEqualTo(1);
        assertThat(sent("--dry-run", "--key-prefix", "ward/")).isEqualTo(3);
        assertThat(sent("--dry-run", "--since", past)).isEqualTo(4);
        assertThat(sent("--dry-run", "--older-than", "1h")).isZero();
        assertThat(sent("--dry-run", "--limit", "2")).isEqualTo(2);
        assertThat(queue.visible()).isZero();
        assertThat(sent("--limit", "2", "--rate", "100")).isEqualTo(2);
        assertThat(queue.visible()).isEqualTo(2);
        assertThat(deadLetters.visible()).isEqualTo(3);
    }

    private long sent(String... options) throws IOException {
        List<String> all = new ArrayList<>(List.of("dlq", "replay"));
        all.addAll(List.of(options));
        return json(all.toArray(String[]::new)).at("/result/counts/sent").asLong(-1);
    }

    @Test
    void aReplayLeavesWhatWouldBeRejectedAndNamesIt() {
        deadLetters.send(uploads(20));
        deadLetters.send(List.of("by hand"));

        Result replayed = run("dlq", "replay");

        assertThat(replayed.out())
                .isEqualTo(
                        """
                        21 messages seen of about 21.
                        21 selected. 20 sent, and 20 deleted from the dead-letter queue.
                        ! Not sent, because the function would reject them again: 1 not-json. Mend the pattern, or save and drop them.
                        """);
        assertThat(replayed.exitCode()).isEqualTo(1);
        assertThat(queue.visible()).isEqualTo(20);
        assertThat(deadLetters.takeAll().values()).containsExactly("by hand");
    }

    @Test
    void savedThenDropped() throws IOException {
        deadLetters.send(uploads(3));
        String file = folder.resolve("saved.jsonl").toString();

        assertThat(run("dlq", "save", file).out())
                .isEqualTo("3 messages seen of about 3. 3 are saved in " + file + ".\n");
        assertThat(run("dlq", "save", file).error()).isEqualTo("imaging: " + file + " exists: give another name\n");
        assertThat(run("dlq", "drop", file).out())
                .isEqualTo("3 messages seen of about 3.\n3 deleted. 0 kept, because the file does not contain them.\n");
        assertThat(run("dlq", "inspect").out()).isEqualTo("The dead-letter queue is empty.\n");
    }

    @Test
    void namesArePrintedOnlyWithReveal() throws IOException {
        deadLetters.send(List.of(Uploads.body("ward/patient-4711.dcm"), "call Meier"));

        Result masked = run("dlq", "inspect", "--show", "2");
        Result revealed = run("dlq", "inspect", "--reveal");
        JsonNode all = json("dlq", "inspect", "--reveal", "--show", "1");

        assertThat(masked.out() + masked.error())
                .doesNotContain("4711", "Meier", "ward")
                .contains("xxxx xxxxx");
        assertThat(revealed.out())
                .contains("ward/patient-4711.dcm  524,288 bytes, uploaded 2026-11-23T09:30:00.125Z")
                .doesNotContain("call Meier");
        assertThat(all.at("/result/messages")).hasSize(2);
        assertThat(all.toString()).contains("\"key\":\"ward/patient-4711.dcm\",\"size\":524288");
    }

    // ---- the truth -------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"inspect", "replay --dry-run", "save", "drop"})
    void noCommandClaimsToBeCompleteWhileMessagesAreLeasedElsewhere(String command) throws IOException {
        deadLetters.send(uploads(70));
        lease(60, Duration.ofMinutes(2));
        Path file = Files.createTempFile(folder, "leased", ".jsonl");
        List<String> arguments = new ArrayList<>(List.of(("dlq " + command).split(" ")));
        if (command.equals("save")) {
            Files.delete(file);
        }
        if (command.equals("drop") || command.equals("save")) {
            arguments.add(file.toString());
        }

        JsonNode json = json(arguments.toArray(String[]::new));

        assertThat(json.get("exitCode").asInt()).isEqualTo(1);
        assertThat(json.at("/result/run/complete").asBoolean()).isFalse();
        assertThat(json.at("/result/run/leasedElsewhere").asInt()).isEqualTo(60);
        assertThat(json.at("/result/run/seen").asInt()).isEqualTo(10);
        assertThat(json.at("/problems/0").asText()).contains("60 messages are leased by another consumer");
    }

    @Test
    void waitBeginsWhenTheMessagesAreBack() throws IOException {
        deadLetters.send(uploads(20));
        lease(10, Duration.ofSeconds(3));

        JsonNode json = json("dlq", "inspect", "--wait");

        assertThat(json.at("/result/run/complete").asBoolean()).isTrue();
        assertThat(json.at("/result/run/seen").asInt()).isEqualTo(20);
    }

    @Test
    void theFieldsOfTheJsonAreThoseOfTheHelp() throws IOException {
        deadLetters.send(List.of(Uploads.body("ward/patient-1.dcm"), "by hand"));
        Path file = folder.resolve("json.jsonl");

        assertFields(
                InspectCommand.class,
                InspectCommand.Inspected.class,
                json("dlq", "inspect", "--reveal", "--show", "2"));
        assertFields(ReplayCommand.class, ReplayCommand.Replayed.class, json("dlq", "replay", "--dry-run"));
        assertFields(
                ArchiveCommands.Save.class, ArchiveCommands.Save.Saved.class, json("dlq", "save", file.toString()));
        assertFields(
                ArchiveCommands.Drop.class, ArchiveCommands.Drop.Dropped.class, json("dlq", "drop", file.toString()));
        assertFields(StatusCommand.class, StatusCommand.Status.class, json("status"));
    }

    private static void assertFields(Class<?> command, Class<?> result, JsonNode json) {
        List<String> known = new ArrayList<>(List.of("command", "exitCode"));
        ImagingCommand.addFields("result.", result, known);
        TreeSet<String> printed = new TreeSet<>();
        collect("", json, printed);
        printed.removeIf(field -> field.startsWith("problems") || known.stream().anyMatch(field::equals));
        // Counts by reason have the reasons as names.
        printed.removeIf(
                field -> field.startsWith("result.run.kept.") || field.startsWith("result.counts.stillRejected."));
        assertThat(printed).as(command.getSimpleName()).isEmpty();
    }

    private static void collect(String path, JsonNode node, Set<String> fields) {
        if (node.isObject() && !node.isEmpty()) {
            node.properties()
                    .forEach(field -> collect(
                            path.isEmpty() ? field.getKey() : path + "." + field.getKey(), field.getValue(), fields));
        } else if (node.isArray() && !node.isEmpty()) {
            node.forEach(element -> collect(path + "[]", element, fields));
        } else if (!node.isArray()) {
            fields.add(path);
        }
    }

    @Test
    void statusIsNeverHealthyWhileSomethingIsUnknown() {
        Result status = imaging.run("status", "--stack", "imaging");

        assertThat(status.exitCode()).isEqualTo(1);
        assertThat(status.out())
                .contains("ok       queue                    about 0 waiting")
                .contains("ok       event source             Enabled, at most 10 invocations at once")
                .contains("unknown  alarm oldest-message")
                .contains("cloudwatch:DescribeAlarms got no answer (ConnectException)")
                .contains("! Not healthy: 12 of 16 lines are not ok.");
    }

    @Test
    void theStatusOfALocalRunIsUnknownWhereItHasNoSuchService() {
        assertThat(run("status").out())
                .contains("unknown  event source             the local run has no Lambda")
                .contains("unknown  alarm unwritten")
                .contains("? the local run has no CloudWatch");
        assertThat(imaging.run("status", "--local", "/no/such/folder").error())
                .contains("no local run has written /no/such/folder/local.env");
    }

    @Test
    void statusIsHealthyWhenEveryAlarmIsOk() {
        try (StubAws other = new StubAws()) {
            for (WatchedAlarm alarm : WatchedAlarm.values()) {
                other.withAlarm("imaging-" + alarm.suffix(), "");
            }
            ImagingJar withCloudWatch = imaging.with("AWS_ENDPOINT_URL_CLOUDWATCH", other.endpoint());
            assertThat(withCloudWatch.run("status", "--stack", "imaging").exitCode())
                    .isZero();

            other.withAlarm("imaging-unwritten", "3 datapoints were greater than the threshold.");
            Result status = withCloudWatch.run("status", "--stack", "imaging");
            assertThat(status.exitCode()).isEqualTo(1);
            assertThat(status.out())
                    .contains("PROBLEM  alarm unwritten")
                    .contains(
                            "3 datapoints were greater than the threshold. See cloudformation/RUNBOOK.md, alarm-unwritten");
        }
    }

    // ---- the process -----------------------------------------------------------------------------------------------

    @Test
    void aResultThatCannotBeWrittenIsNotDone() throws Exception {
        for (String json : List.of("--json", "--verbose")) {
            Process full = new ProcessBuilder(List.of(
                            "sh",
                            "-c",
                            "exec \"$0\" \"$@\" > /dev/full",
                            java(),
                            "-jar",
                            "target/imaging.jar",
                            "pattern",
                            "check",
                            json,
                            "(?<patientId>.*)",
                            "x"))
                    .start();

            assertThat(ImagingJar.result(full).exitCode()).isEqualTo(1);
        }
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    @Test
    void argumentsAreReadAsUtf8WhateverTheLocale() {
        deadLetters.send(List.of(Uploads.body("Gr%C3%B6%C3%9Fe/patient-1.dcm"), Uploads.body("ward/patient-1.dcm")));

        Result result = imaging.with("LC_ALL", "C")
                .run("dlq", "inspect", "--dlq", deadLetters.url(), "--key-prefix", "Größe/", "--reveal");

        assertThat(result.out()).contains("1  not-looked-up").contains("Größe/patient-1.dcm");
    }

    @Test
    void ctrlCReleasesTheRestAndPrintsALastLine() throws Exception {
        deadLetters.send(uploads(200));
        Process run =
                imaging.start("dlq", "replay", "--dlq", deadLetters.url(), "--queue", queue.url(), "--rate", "10");
        await().atMost(PATIENCE).until(() -> queue.visible() > 0);

        // Of the process, this would close its streams as well.
        run.toHandle().destroy();
        Result stopped = ImagingJar.result(run);

        assertThat(stopped.exitCode()).isNotZero();
        assertThat(stopped.out()).contains("! Stopped. Not all was seen. Nothing is lost: run the command again.\n");
        assertThat(deadLetters.inFlight()).isZero();
        assertThat(deadLetters.visible() + queue.visible()).isEqualTo(200);
    }

    @Test
    void aSaveThatIsStoppedLeavesNoFileAndPrintsALastLine() throws Exception {
        deadLetters.send(uploads(10));
        lease(10, Duration.ofMinutes(1));
        Path file = folder.resolve("stopped.jsonl");
        Process run = imaging.start("dlq", "save", "--dlq", deadLetters.url(), "--wait", file.toString());
        await().atMost(PATIENCE).until(() -> Files.exists(folder.resolve("stopped.jsonl.partial")));

        run.toHandle().destroy();
        Result stopped = ImagingJar.result(run);

        assertThat(stopped.out()).contains("! Stopped.").contains("! No file was written.");
        assertThat(folder).isDirectoryNotContaining("glob:**stopped*");
    }

    /** {@code -Dkills=50} for more. It waits most of its time, so it is the first to start. */
    @Test
    @Order(1)
    void killsLoseNoMessageAndTheNextRunFinishesTheWork() throws Exception {
        List<String> bodies = uploads(150 * KILLS);
        deadLetters.send(bodies);
        for (int kill = 0; kill < KILLS; kill++) {
            int before = queue.visible();
            Process run =
                    imaging.start("dlq", "replay", "--dlq", deadLetters.url(), "--queue", queue.url(), "--rate", "100");
            await().pollInterval(Duration.ofMillis(20))
                    .atMost(PATIENCE)
                    .until(() -> queue.visible() > before || !run.isAlive());
            run.waitFor(100L * kill % 500, TimeUnit.MILLISECONDS);
            run.destroyForcibly().waitFor();
        }
        assertThat(deadLetters.visible())
                .as("the kills came before the work was done")
                .isPositive();

        Result early = run("dlq", "inspect");
        assertThat(early.out()).contains("are leased by another consumer, or by a run that was killed");
        assertThat(early.exitCode()).isEqualTo(1);

        Result last = run("dlq", "replay", "--wait");

        assertThat(last.exitCode()).as(last.out() + last.error()).isZero();
        assertThat(deadLetters.visible() + deadLetters.inFlight()).isZero();
        assertThat(new HashSet<>(queue.takeAll().values())).isEqualTo(Set.copyOf(bodies));
    }

    @Test
    void aFilteredReplaySendsExactlyItsKind() throws Exception {
        List<String> wanted = uploads(500);
        List<String> others = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            others.add("by hand " + i);
            others.add(Uploads.body("ward/scan-%d.dcm".formatted(i)));
            others.add(Uploads.body("ward/patient-%d.dcm".formatted(i), "3.0"));
        }
        List<String> mixed = new ArrayList<>(wanted);
        mixed.addAll(others);
        java.util.Collections.shuffle(mixed, new java.util.Random(5));
        deadLetters.send(mixed);

        JsonNode inspected = json("dlq", "inspect");
        assertThat(inspected.at("/result/run/kept").toString())
                .isEqualTo("{\"foreign-version\":500,\"no-patient-id\":500,\"not-json\":500,\"not-recorded\":500}");
        Result replayed = run("dlq", "replay", "--reason", "not-recorded");

        assertThat(replayed.exitCode()).as(replayed.out()).isZero();
        assertThat(new TreeSet<>(queue.takeAll().values())).isEqualTo(new TreeSet<>(wanted));
        assertThat(new TreeSet<>(deadLetters.takeAll().values())).isEqualTo(new TreeSet<>(others));
    }

    @Test
    void theJarsContainWhatTheyNeedAndNoMore() throws IOException {
        try (JarFile jar = new JarFile("target/imaging.jar")) {
            assertThat(jar.stream().map(entry -> entry.getName()))
                    .contains(
                            "io/datastream/imaging/cli/ImagingCommand.class",
                            "io/datastream/imaging/reconcile/ReconcileHandler.class",
                            "com/amazonaws/services/lambda/runtime/events/SQSEvent.class",
                            "org/joda/time/DateTime.class")
                    .noneMatch(
                            name -> name.matches(
                                    "(org/elasticmq|org/gaul|org/junit|io/datastream/imaging/(local|ingest)|com/amazonaws/(?!services/lambda/runtime/events/).+\\.class).*"));
        }
        try (JarFile jar = new JarFile("target/ingest-function.jar")) {
            assertThat(jar.stream().map(entry -> entry.getName()))
                    .noneMatch(
                            name -> name.matches(
                                    "(picocli|de/siegmar|com/fasterxml/jackson/databind|software/amazon/awssdk/(crt|arns|protocols/xml|services/(s3|sqs|lambda|cloud\\w+))|io/datastream/imaging/(cli|status|deadletter|reconcile))/.+"));
        }
    }
}
