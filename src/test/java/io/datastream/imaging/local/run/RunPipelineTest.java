package io.datastream.imaging.local.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunPipelineTest {
    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            --upload=nowhere                      | no such folder: nowhere; name one with --upload FOLDER
            --template=nowhere.yaml               | no such template: nowhere.yaml
            --function-jar=nowhere.jar            | nowhere.jar is missing; run: mvn package -DskipTests
            --reconcile-jar=nowhere.jar           | nowhere.jar is missing; run: mvn package -DskipTests
            --pattern=patient-([0-9]+)            | the patient ID pattern lacks the named group
            --pattern=(?<patientId>               | the patient ID pattern is no regular expression
            --parameter=FunctionTimeout=3         | Parameters.FunctionTimeout: the value 3 is not allowed
            --parameter=Nobody=3                  | Parameters.Nobody: the template has no such parameter
            --parameter=Nobody                    | Value for option option '--parameter' (NAME=VALUE) should be in KEY=VALUE format
            --patience=long                       | Invalid value for option '--patience': 'long' is not a long; --help
            --patience=0                          | --patience 0: give a whole number from 1 to 86400
            --s3-port=65536                       | a port is a whole number from 0 to 65535
            --template=pom.xml                    | the template cannot be used: line 1
            --whatever                            | Unknown option: '--whatever'; --help lists the options
            upload                                | Unmatched argument at index 3: 'upload'; --help lists the options
            """)
    void badInputIsOneClearLineAndExitCode2(String argument, String message) {
        assertThat(run(argument)).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains(message).hasLineCount(1);
        assertThat(out.size()).isZero();
    }

    /** A shell stands for Maven. It would print a line after the run. */
    @Test
    void underMavenTheLineOfAFailedRunIsTheLast() throws IOException, InterruptedException {
        Process maven = new ProcessBuilder(
                        "sh",
                        "-c",
                        "\"$0\" \"$@\"; echo BUILD FAILURE",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        RunPipeline.class.getName(),
                        "--started-by-maven",
                        "--template",
                        "nowhere")
                .redirectErrorStream(true)
                .start();

        assertThat(maven.inputReader().readAllAsString())
                .isEqualTo(
                        "no such template: nowhere; run from the project's folder, or name one with --template FILE\n");
        assertThat(maven.waitFor()).isEqualTo(128 + 15);
    }

    @Test
    void anEmptyFolderIsBadInput() {
        assertThat(run("--upload", folder.toString())).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("there is no file in ");
    }

    @Test
    void aTakenPortIsBadInput() throws IOException {
        Files.writeString(folder.resolve("patient-1.dcm"), "x");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = String.valueOf(taken.getLocalPort());

            assertThat(run("--upload", folder.toString(), "--sqs-port", port)).isEqualTo(2);
            assertThat(err.toString(StandardCharsets.UTF_8))
                    .isEqualTo("port " + port + " for SQS is taken: end what listens there, or choose another port\n");
        }
    }

    @Test
    void helpListsTheOptions() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("--upload", "--once", "Exit codes:");
    }

    @Test
    void aParameterMayHoldCommas() {
        assertThat(run("--parameter", "PatientIdPattern=(?<patientId>a{1,2}).dcm", "--parameter=FunctionTimeout=3"))
                .isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("Parameters.FunctionTimeout");
    }

    /** Any file will do for the function: none of these runs gets as far as that. */
    private int run(String... arguments) {
        List<String> all = new ArrayList<>(List.of("--function-jar=pom.xml", "--reconcile-jar=pom.xml", "--once"));
        all.addAll(List.of(arguments));
        return RunPipeline.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                all.toArray(String[]::new));
    }
}
