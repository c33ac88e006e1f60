package io.datastream.imaging.cloudformation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The runbook's table of what each command calls, beside the policies that the template creates for the commands. */
class OperatorPoliciesTest {

    private static final Pattern ACTION = Pattern.compile("`([a-z0-9]+:[A-Z][A-Za-z]+)`");
    private static final Pipeline PIPELINE = Pipeline.of(Pipeline.template(), Map.of("OperatorPolicies", "true"));

    @ParameterizedTest
    @CsvSource({
        "status, OperatorLookPolicy",
        "dlq inspect, OperatorLookPolicy",
        "dlq save, OperatorLookPolicy",
        "dlq replay, OperatorLookPolicy OperatorReplayPolicy",
        "dlq drop, OperatorLookPolicy OperatorDropPolicy",
        "reconcile, OperatorLookPolicy OperatorReconcilePolicy",
        "reconcile --repair, OperatorLookPolicy OperatorReconcilePolicy OperatorRepairPolicy"
    })
    void thePoliciesOfACommandAllowWhatItCalls(String command, String policies) throws IOException {
        String row = runbook()
                .lines()
                .filter(line -> line.startsWith("| `" + command + "` | ")
                        && ACTION.matcher(line).find())
                .findFirst()
                .orElse("");
        // These two begin with a reference to another row.
        assertThat(row.isEmpty()).as(command).isEqualTo(command.equals("dlq save"));
        assertThat(allowed(policies.split(" "))).containsAll(actions(row));
    }

    @Test
    void thePoliciesAllowNothingThatNoCommandCalls() throws IOException {
        String runbook = runbook();

        assertThat(actions(runbook.substring(runbook.indexOf("### Permissions"))))
                .containsAll(allowed(
                        "OperatorLookPolicy",
                        "OperatorReplayPolicy",
                        "OperatorDropPolicy",
                        "OperatorReconcilePolicy",
                        "OperatorRepairPolicy"));
    }

    private static String runbook() throws IOException {
        return Files.readString(Path.of("cloudformation/RUNBOOK.md"));
    }

    private static Set<String> actions(String text) {
        return ACTION.matcher(text)
                .results()
                .map((MatchResult match) -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> allowed(String... policies) {
        return Stream.of(policies)
                .flatMap(policy ->
                        PIPELINE
                                .properties(policy)
                                .object("PolicyDocument")
                                .orElseThrow()
                                .objects("Statement")
                                .stream())
                .flatMap(statement -> statement.texts("Action").stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
