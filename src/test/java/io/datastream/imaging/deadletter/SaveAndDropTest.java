package io.datastream.imaging.deadletter;

import static io.datastream.imaging.deadletter.Runs.DLQ;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.datastream.imaging.deadletter.FakeSqs.Call;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;

class SaveAndDropTest {

    private final Runs runs = new Runs();
    private final FakeSqs sqs = runs.sqs;
    private Path file;

    @TempDir
    private Path folder;

    @BeforeEach
    void name() {
        file = folder.resolve("saved.jsonl");
    }

    private Drain.Report save(Selection selection) throws IOException {
        try (Save save = Save.open(file, selection)) {
            Drain.Report report = runs.run(save);
            save.commit();
            return report;
        }
    }

    @Test
    void onlyTheOwnerMayReadTheFileAndTheQueueStaysAsItIs() throws IOException {
        List<String> bodies = runs.addUploads(25);

        Drain.Report report = save(Selection.ALL);

        assertThat(report.isComplete()).isTrue();
        assertThat(Files.readAllLines(file)).hasSize(25);
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(folder).isDirectoryContaining(path -> path.equals(file));
        assertThat(Files.list(folder)).containsExactly(file);
        assertThat(sqs.bodies(DLQ)).isEqualTo(bodies);
        assertThat(sqs.inFlight(DLQ)).isZero();
    }

    @Test
    void aLineHasAllThatIsNeededToSendTheMessageAgain() throws IOException {
        sqs.add(
                DLQ,
                "by \"hand\"\n",
                Instant.parse("2026-11-23T11:00:00Z"),
                Map.of(
                        "ward",
                                MessageAttributeValue.builder()
                                        .dataType("String")
                                        .stringValue("7")
                                        .build(),
                        "bytes",
                                MessageAttributeValue.builder()
                                        .dataType("Binary")
                                        .binaryValue(SdkBytes.fromUtf8String("xyz"))
                                        .build()),
                Optional.of("Root=1-2-3"));

        save(Selection.ALL);

        JsonNode line = new ObjectMapper().readTree(file.toFile());
        assertThat(line)
                .isEqualTo(
                        new ObjectMapper()
                                .readTree(
                                        """
                                {"messageId":"message-000000","reason":"not-json","sentAt":"2026-11-23T11:00:00Z",
                                "receiveCount":1,"traceHeader":"Root=1-2-3","messageAttributes":{
                                "bytes":{"DataType":"Binary","BinaryValue":"eHl6"},
                                "ward":{"DataType":"String","StringValue":"7"}},"body":"by \\"hand\\"\\n"}"""));
    }

    @Test
    void onlyWhatIsSelectedIsSaved() throws IOException {
        runs.addUploads(3);
        sqs.add(DLQ, "by hand");

        save(Runs.reason("not-json"));

        assertThat(Files.readAllLines(file)).singleElement().asString().contains("by hand");
    }

    @ParameterizedTest
    @ValueSource(strings = {"saved.jsonl", "saved.jsonl.partial"})
    void aFileThatExistsIsNeverTouched(String existing) throws IOException {
        Path older = Files.writeString(folder.resolve(existing), "older");

        assertThatThrownBy(() -> Save.open(file, Selection.ALL))
                .isInstanceOf(FileAlreadyExistsException.class)
                .hasMessageEndingWith(existing);
        assertThat(older).hasContent("older");
    }

    @Test
    void oneOfTwoSavesToOneFileEndsAtOnceAndTheOtherIsComplete() throws IOException {
        runs.addUploads(3);
        try (Save first = Save.open(file, Selection.ALL)) {
            assertThatThrownBy(() -> Save.open(file, Selection.ALL)).isInstanceOf(FileAlreadyExistsException.class);
            runs.run(first);
            first.commit();
            assertThat(first.saved()).isEqualTo(3);
        }
        assertThat(Files.readAllLines(file)).hasSize(3);
    }

    @Test
    void aFileThatIsCreatedMeanwhileIsNotReplaced() throws IOException {
        try (Save save = Save.open(file, Selection.ALL)) {
            Files.writeString(file, "of somebody else");

            assertThatThrownBy(save::commit).isInstanceOf(FileAlreadyExistsException.class);
        }
        assertThat(file).hasContent("of somebody else");
        assertThat(Files.list(folder)).containsExactly(file);
    }

    @Test
    void withoutACommitThereIsNoFile() throws IOException {
        runs.addUploads(3);
        try (Save save = Save.open(file, Selection.ALL)) {
            runs.run(save);
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aDiskThatIsFullEndsTheRun() throws IOException {
        runs.addUploads(3_000);
        Save save = Save.open(file, Selection.ALL);
        save.close();

        Drain.Report report = runs.run(save);

        assertThat(report.ending()).isEqualTo(Drain.Ending.FAILED);
        assertThat(report.failure()).containsInstanceOf(UncheckedIOException.class);
        assertThat(sqs.inFlight(DLQ)).isZero();
    }

    @Test
    void onlyWhatIsInTheFileIsDropped() throws IOException {
        runs.addUploads(1);
        sqs.add(DLQ, "by hand");
        sqs.add(DLQ, "by hand too");
        save(Runs.reason("not-json"));
        sqs.add(DLQ, "after the save");
        Drop drop = Drop.of(file);

        Drain.Report report = runs.run(drop);

        assertThat(drop.archived()).isEqualTo(2);
        assertThat(report.deleted()).isEqualTo(2);
        assertThat(report.isComplete()).isTrue();
        assertThat(sqs.bodies(DLQ)).hasSize(2).contains("after the save");
        assertThat(sqs.inFlight(DLQ)).isZero();
    }

    @Test
    void aMessageWithAnotherBodyThanInTheFileIsKept() throws IOException {
        sqs.add(DLQ, "by hand");
        save(Selection.ALL);
        Files.writeString(file, Files.readString(file).replace("by hand", "by foot"));

        assertThat(runs.run(Drop.of(file)).deleted()).isZero();
        assertThat(sqs.bodies(DLQ)).containsExactly("by hand");
    }

    @Test
    void whatSqsDoesNotDeleteIsCounted() throws IOException {
        sqs.add(DLQ, "by hand");
        save(Selection.ALL);
        sqs.isSenderAtFault = true;
        sqs.entryFailure = (call, body) -> call == Call.DELETE ? "SomethingElse" : null;

        Drain.Report report = runs.run(Drop.of(file));

        assertThat(report.deleted()).isZero();
        assertThat(report.undeleted()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "",
                "null",
                "[]",
                "{\"messageId\":\"a\"}",
                "{\"messageId\":\"a\",\"body\":\"bo",
                "{\"messageId\":\"a\",\"body\":\"b\"} x"
            })
    void aDamagedLineStopsTheDropBeforeItBegins(String damaged) throws IOException {
        Files.writeString(file, "{\"messageId\":\"a\",\"body\":\"secret\"}\n" + damaged + "\n");

        assertThatThrownBy(() -> Drop.of(file))
                .isInstanceOf(IOException.class)
                .hasMessage("line 2 is not a saved message")
                .hasNoCause();
    }
}
