package io.datastream.imaging.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Function, replay and reconciliation run on marked file names, in every path that the schedules reach. Nothing that
 * leaves a process has the mark: log lines and metrics, reports and their failures, names of threads, standard output
 * and standard error, temporary files. (A command shows names on request; a saved file has them, and only its owner may
 * read it.)
 */
@Isolated("it replaces standard output, standard error and the folder for temporary files")
class HealthDataTest {

    private static final int SCHEDULES = 1_500;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final PrintStream out = System.out;
    private final PrintStream err = System.err;
    private final String temporaryFiles = System.getProperty("java.io.tmpdir");

    @TempDir
    private Path folder;

    @BeforeEach
    void capture() {
        System.setOut(new PrintStream(printed, true, UTF_8));
        System.setErr(new PrintStream(printed, true, UTF_8));
        System.setProperty("java.io.tmpdir", folder.toString());
    }

    @AfterEach
    void release() {
        System.setOut(out);
        System.setErr(err);
        System.setProperty("java.io.tmpdir", temporaryFiles);
    }

    @Test
    void noNameLeavesAProcess() throws IOException {
        Set<String> emitted = new HashSet<>();
        for (long seed = 1; seed <= SCHEDULES; seed++) {
            assertThat(Simulation.run(Schedule.random(seed), Variant.REAL, text -> {
                        // Without numbers, most lines are the same.
                        emitted.add(text.replaceAll("[0-9]+", "0"));
                    }))
                    .isEmpty();
        }

        // The paths are really taken.
        assertThat(emitted).anyMatch(line -> line.contains("message-rejected"));
        assertThat(emitted).anyMatch(line -> line.contains("records-unwritten") && line.contains("deadline"));
        assertThat(emitted)
                .anyMatch(line -> line.contains("records-unwritten") && line.contains("ValidationException"));
        assertThat(emitted).anyMatch(line -> line.contains("messages-unread"));
        assertThat(emitted).anyMatch(line -> line.contains("reconciliation-interrupted"));
        assertThat(emitted).anyMatch(line -> line.contains("Report[") && line.contains("ending=FAILED"));
        assertThat(emitted).anyMatch(line -> line.contains("drain-"));
        assertThat(emitted).anyMatch(line -> line.contains("reconcile-"));

        assertThat(emitted).noneMatch(line -> line.contains(Upload.MARK));
        assertThat(printed.toString(UTF_8)).isEmpty();
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }
}
