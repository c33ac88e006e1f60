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
            --pattern=patient-([0-9]+)            | the patient ID pattern lacks the named group
            --pattern=(?<patientId>               | the patient ID pattern is no regular expression
            --parameters=FunctionTimeout=3        | Parameters.FunctionTimeout: the value 3 is not allowed
            --parameters=Nobody=3                 | Parameters.Nobody: the template has no such parameter
            --parameters=Nobody                   | --parameters Nobody: give NAME=VALUE
            --patience=long                       | --patience long: give a whole number
            --s3-port=65536                       | --s3-port 65536: give a whole number
            --template=pom.xml                    | the template cannot be used: line 1
            --whatever                            | what is --whatever? --help lists the options
            upload                                | what is upload? --help lists the options
            """)
    void badInputIsOneClearLineAndExitCode2(String argument, String message) throws InterruptedException {
        assertThat(run(argument)).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains(message).hasLineCount(1);
        assertThat(out.size()).isZero();
    }

    @Test
    void anEmptyFolderIsBadInput() throws InterruptedException {
        assertThat(run("--upload", folder.toString())).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("there is no file in ");
    }

    @Test
    void aTakenPortIsBadInput() throws IOException, InterruptedException {
        Files.writeString(folder.resolve("patient-1.dcm"), "x");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = String.valueOf(taken.getLocalPort());

            assertThat(run("--upload", folder.toString(), "--sqs-port", port)).isEqualTo(2);
            assertThat(err.toString(StandardCharsets.UTF_8))
                    .isEqualTo("port " + port + " for SQS is taken: end what listens there, or choose another port\n");
        }
    }

    @Test
    void helpListsTheOptions() throws InterruptedException {
        assertThat(run("--help")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("--upload", "--once", "Exit code");
    }

    @Test
    void anEmptyValueIsTheDefault() {
        RunOptions options =
                RunOptions.parse(List.of("--upload=", "--once=", "--patience=", "--parameters=", "--s3-port="));

        assertThat(options).isEqualTo(RunOptions.parse(List.of()));
    }

    @Test
    void aParameterMayHoldCommas() {
        RunOptions options = RunOptions.parse(List.of("--parameters", "A=x,y,B=z=1", "--pattern", "p"));

        assertThat(options.parameters())
                .containsEntry("A", "x,y")
                .containsEntry("B", "z=1")
                .containsEntry("PatientIdPattern", "p");
    }

    /** Any file will do for the function: none of these runs gets as far as that. */
    private int run(String... arguments) throws InterruptedException {
        List<String> all = new ArrayList<>(List.of("--function-jar=pom.xml", "--once"));
        all.addAll(List.of(arguments));
        return RunPipeline.run(
                all,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }
}
