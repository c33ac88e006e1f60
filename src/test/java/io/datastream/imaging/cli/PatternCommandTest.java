package io.datastream.imaging.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class PatternCommandTest {
    private static final String PATTERN = "scan-(?<patientId>[0-9]+)\\.dcm";

    private final StringWriter out = new StringWriter();
    private final StringWriter error = new StringWriter();

    @Test
    void showsThePatientIdOfEachName() {
        assertThat(run("pattern", "check", PATTERN, "scan-17.dcm", "ward-7/scan-18.dcm"))
                .isZero();
        assertThat(out).hasToString("scan-17.dcm  patient ID 17\nward-7/scan-18.dcm  patient ID 18\n");
    }

    @Test
    void aNameWithoutPatientIdIsExitCode1() {
        assertThat(run("pattern", "check", PATTERN, "scan-17.dcm", "scan-17/x.dcm", "SCAN-17.dcm"))
                .isEqualTo(1);
        assertThat(out)
                .hasToString("scan-17.dcm  patient ID 17\nscan-17/x.dcm  no patient ID\nSCAN-17.dcm  no patient ID\n"
                        + "! 2 of 3 names give no patient ID.\n");
    }

    @Test
    void aPatternThatBacktracksTooMuchIsNamedAsTheCause() {
        assertThat(run("pattern", "check", "(?<patientId>(.*)(.*)(.*)(.*)(.*))b", "a".repeat(200)))
                .isEqualTo(1);
        assertThat(out.toString()).contains("backtracks too much");
    }

    @Test
    void jsonHasOneObjectForEachName() {
        assertThat(run("pattern", "check", "--json", PATTERN, "scan-17.dcm", "x.dcm"))
                .isEqualTo(1);
        assertThat(out)
                .hasToString("{\"command\":\"pattern check\",\"exitCode\":1,"
                        + "\"problems\":[\"1 of 2 names give no patient ID.\"],"
                        + "\"result\":{\"names\":[{\"name\":\"scan-17.dcm\",\"patientId\":\"17\"},"
                        + "{\"name\":\"x.dcm\",\"problem\":\"no-patient-id\"}]}}\n");
    }

    @ParameterizedTest
    @CsvSource({
        "(?<patientId>[0-9]+, is no regular expression: Unclosed group",
        "scan-([0-9]+), lacks the named group",
    })
    void aPatternThatCannotBeUsedIsExitCode2(String pattern, String message) {
        assertThat(run("pattern", "check", pattern, "scan-17.dcm")).isEqualTo(2);
        assertThat(error.toString()).contains(message).hasLineCount(1);
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void aPatternWithoutANameIsWrongUsage() {
        assertThat(run("pattern", "check", PATTERN)).isEqualTo(2);
    }

    private int run(String... arguments) {
        CommandLine commandLine = ImagingCommand.commandLine();
        commandLine.setOut(new PrintWriter(out)).setErr(new PrintWriter(error));
        return commandLine.execute(arguments);
    }
}
