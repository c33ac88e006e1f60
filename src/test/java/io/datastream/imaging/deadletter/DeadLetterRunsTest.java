package io.datastream.imaging.deadletter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.datastream.imaging.ingest.IngestHandler;
import io.datastream.imaging.local.CloudSettings;
import io.datastream.imaging.local.FunctionCode;
import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.local.template.Template;
import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.PatientIdPattern;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Inspecting, saving, dropping and SQS's own move task, on the queues of the template. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeadLetterRunsTest {

    private LocalCloud cloud;
    private TestQueue deadLetters;
    private TestQueue queue;
    private RunContext context;

    @TempDir
    private Path folder;

    @BeforeAll
    void start() {
        cloud = LocalCloud.start(CloudSettings.of(
                        Template.read(Path.of("cloudformation/pipeline.yaml")),
                        new FunctionCode.InProcess(environment -> new IngestHandler()))
                .withParameter("EventSourceEnabled", false));
        deadLetters = new TestQueue(cloud.sqs(), cloud.outputs().get("DeadLetterQueueUrl"));
        queue = new TestQueue(cloud.sqs(), cloud.outputs().get("QueueUrl"));
    }

    @AfterAll
    void stop() {
        cloud.close();
    }

    @BeforeEach
    void empty() {
        for (TestQueue one : List.of(deadLetters, queue)) {
            cloud.sqs().purgeQueue(request -> request.queueUrl(one.url()));
        }
        context = RunContext.of(
                new DeadLetterQueue(cloud.sqs(), deadLetters.url()),
                new MessageExaminer(
                        new MessageReader(PatientIdPattern.compile(PatientIdPattern.DEFAULT)),
                        Optional.empty(),
                        Optional.empty()),
                new StopSignal());
    }

    @Test
    void inspectionCountsEveryMessageOnceAndGivesAllBack() {
        Map<String, String> before = deadLetters.send(IntStream.range(0, 300)
                .mapToObj(number -> number % 3 == 0 ? "by hand" : Uploads.body("patient-%d.dcm".formatted(number)))
                .toList());

        Inspection.Report report = new Inspection(context, Selection.ALL, 2).run();

        assertThat(report.isComplete()).isTrue();
        assertThat(report.seen()).isEqualTo(300);
        assertThat(report.before().visible()).isEqualTo(300);
        assertThat(report.samples()).hasSize(2);
        assertThat(report.groups())
                .extracting(Inspection.Group::label, Inspection.Group::messages)
                .containsExactly(tuple("unchecked", 200L), tuple("not-json", 100L));
        assertThat(report.groups())
                .allSatisfy(group -> assertThat(before).containsKeys(group.firstMessageId(), group.lastMessageId()));
        assertThat(deadLetters.inFlight()).isZero();
        assertThat(deadLetters.takeAll()).isEqualTo(before);
    }

    @Test
    void aPartialInspectionSaysSo() {
        deadLetters.send(IntStream.range(0, 300).mapToObj(Integer::toString).toList());

        Inspection.Report report = Inspection.ofSome(context, 100).run();

        assertThat(report.isComplete()).isFalse();
        assertThat(report.seen()).isBetween(100L, 200L);
        assertThat(deadLetters.inFlight()).isZero();
    }

    @Test
    void onlyTheOwnerMayReadWhatIsSavedAndTheQueueStaysAsItIs() throws IOException {
        Map<String, String> before = deadLetters.send(List.of("by \"hand\"\n", Uploads.body("patient-1.dcm")));
        Path file = folder.resolve("saved.jsonl");

        Saving.Report report = new Saving(context, Selection.ALL).run(file);

        assertThat(report).isEqualTo(new Saving.Report(2, 2, true));
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(Files.readAllLines(file)).hasSize(2).allMatch(line -> line.startsWith("{\"messageId\":"));
        assertThat(folder).isDirectoryContaining(path -> path.equals(file));
        assertThat(deadLetters.takeAll()).isEqualTo(before);
    }

    @Test
    void aFileThatIsThereIsNeverOverwritten() throws IOException {
        Path file = Files.writeString(folder.resolve("older.jsonl"), "older");

        assertThatThrownBy(() -> new Saving(context, Selection.ALL).run(file))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(file).hasContent("older");
    }

    @Test
    void aRunThatIsStoppedLeavesNoFile() {
        deadLetters.send(List.of("by hand"));
        context.stop().raise();
        Path file = folder.resolve("stopped.jsonl");

        assertThatThrownBy(() -> new Saving(context, Selection.ALL).run(file)).isInstanceOf(StoppedException.class);
        assertThat(folder).isDirectoryNotContaining(path -> path.toString().contains("stopped"));
    }

    @Test
    void onlyWhatStandsInTheArchiveIsDropped() throws IOException {
        Selection handSent = new Selection(Set.of("not-json"), Optional.empty(), Optional.empty(), Optional.empty());
        deadLetters.send(List.of("by hand", "by hand too", Uploads.body("patient-1.dcm")));
        Path file = folder.resolve("drop.jsonl");
        new Saving(context, handSent).run(file);
        deadLetters.send(List.of("after the save"));

        Dropping.Report report = new Dropping(context, Archive.read(file)).run();

        assertThat(report).isEqualTo(new Dropping.Report(2, 0, 2, true));
        assertThat(deadLetters.takeAll().values())
                .containsExactlyInAnyOrder(Uploads.body("patient-1.dcm"), "after the save");
    }

    @Test
    void aMessageWhoseBodyTheArchiveHasOtherwiseIsKept() throws IOException {
        deadLetters.send(List.of("by hand"));
        Path file = folder.resolve("changed.jsonl");
        new Saving(context, Selection.ALL).run(file);
        Files.writeString(file, Files.readString(file).replace("by hand", "by foot"));

        assertThat(new Dropping(context, Archive.read(file)).run()).isEqualTo(new Dropping.Report(0, 0, 1, true));
    }

    @Test
    void aDamagedArchiveDropsNothing() throws IOException {
        deadLetters.send(List.of("by hand", "by hand too"));
        Path file = folder.resolve("cut-off.jsonl");
        new Saving(context, Selection.ALL).run(file);
        String whole = Files.readString(file);
        Files.writeString(file, whole.substring(0, whole.length() - 5), StandardCharsets.UTF_8);

        assertThatThrownBy(() -> Archive.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("line 2");
    }

    @Test
    void aMoveTaskMovesEverything() {
        List<String> bodies = IntStream.range(0, 50)
                .mapToObj(number -> Uploads.body("patient-%d.dcm".formatted(number)))
                .toList();
        deadLetters.send(bodies);

        MoveTask.Start start = MoveTask.start(
                cloud.sqs(), context.queue(), new SourceQueue(cloud.sqs(), queue.url()), OptionalInt.empty());

        assertThat(start).isInstanceOf(MoveTask.Start.Started.class);
        MoveTask task = ((MoveTask.Start.Started) start).task();
        await().until(() -> task.progress().isOver());
        assertThat(task.progress().isComplete()).isTrue();
        assertThat(queue.takeAll().values()).containsExactlyInAnyOrderElementsOf(bodies);
    }
}
