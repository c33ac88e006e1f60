package io.datastream.imaging.deadletter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as an archive of dead letters. In the suite only the seeds are run. */
class ArchiveFuzzTest {

    static Stream<byte[]> archives() {
        String line = "{\"messageId\":\"m1\",\"body\":\"{}\",\"messageAttributes\":{\"a\":{\"DataType\":\"Binary\","
                + "\"BinaryValue\":\"AAEC\"}}}\n";
        return Stream.of(line, line + line, line.substring(0, 30), "", "\n", "{}", "null", "[]", "\u0000")
                .map(text -> text.getBytes(UTF_8));
    }

    /** An archive is read or refused; a refusal names the line and nothing of its content. */
    @MethodSource("archives")
    @FuzzTest(maxDuration = "4m")
    void readsOrRefusesAnyArchive(byte[] content) throws IOException {
        if (content == null) {
            return;
        }
        try (FileSystem memory = Jimfs.newFileSystem(Configuration.unix())) {
            Path file = memory.getPath("/archive.jsonl");
            Files.write(file, content);
            try {
                assertThat(Drop.of(file).archived()).isNotNegative();
            } catch (IOException refused) {
                assertThat(refused.getMessage()).matches("line [0-9]+ is not a saved message|Input length = [0-9]+");
            }
        }
    }
}
