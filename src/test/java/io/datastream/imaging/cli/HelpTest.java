package io.datastream.imaging.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The help of each command, and the JSON that it and the runbook describe. */
class HelpTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter error = new StringWriter();

    private int run(String... arguments) {
        return ImagingCommand.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(error))
                .execute(arguments);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "dlq",
                "dlq inspect",
                "dlq replay",
                "dlq save",
                "dlq drop",
                "status",
                "pattern",
                "pattern check"
            })
    void everyCommandHasHelpThatFitsATerminal(String command) {
        assertThat(run((command + " --help").strip().split(" "))).isZero();

        assertThat(error.toString()).isEmpty();
        assertThat(out.toString()).startsWith("Usage: imaging").contains("--help");
        assertThat(out.toString().lines()).allMatch(line -> line.length() <= 80);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dlq inspect", "dlq replay", "dlq save", "dlq drop"})
    void theHelpStatesWhatACrashLeavesAndHowLongACallIsRetried(String command) {
        run((command + " --help").split(" "));

        assertThat(out.toString().replaceAll("\\s+", " "))
                .contains("15 s or more, at most 1 h")
                .contains("retried for up to 2 minutes")
                .contains("Fields of the JSON: command, exitCode, problems[], result.run.waiting, ");
    }

    @Test
    void theRunbookDescribesEveryFieldOfTheJson() throws Exception {
        TreeSet<String> fields = new TreeSet<>();
        commands(ImagingCommand.commandLine()).forEach(command -> {
            List<String> ofCommand = new ArrayList<>();
            ImagingCommand.addFields("result.", command.resultType(), ofCommand);
            fields.addAll(ofCommand);
        });
        String runbook = Files.readString(Path.of("cloudformation/RUNBOOK.md"));

        assertThat(fields).isNotEmpty().allSatisfy(field -> assertThat(runbook).contains("`" + field + "`"));
    }

    private static Stream<BaseCommand> commands(CommandLine commandLine) {
        Stream<BaseCommand> here =
                commandLine.getCommand() instanceof BaseCommand command ? Stream.of(command) : Stream.empty();
        return Stream.concat(
                here, commandLine.getSubcommands().values().stream().flatMap(HelpTest::commands));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dlq inspect --unknown", "dlq save", "dlq drop", "dlq replay --rate x", "nothing"})
    void wrongUsageIsOneLineAndExitCode2(String command) {
        assertThat(run(command.split(" "))).isEqualTo(2);

        assertThat(out.toString()).isEmpty();
        assertThat(error.toString()).startsWith("imaging: ").contains(" --help").hasLineCount(1);
    }

    @Test
    void theMainClassCanBeReadByAJavaThatIsTooOldForTheOthers() throws IOException {
        try (DataInputStream file = new DataInputStream(Main.class.getResourceAsStream("Main.class"))) {
            file.skipNBytes(6);

            assertThat(file.readUnsignedShort()).as("version of Java 9").isEqualTo(53);
        }
    }
}
