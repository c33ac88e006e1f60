package io.datastream.imaging.cli;

import io.datastream.imaging.metadata.PatientIdPattern;
import io.datastream.imaging.notification.RejectionReason;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code imaging pattern}. */
@Command(
        name = "pattern",
        description = "Checks a patient ID pattern before it is deployed.",
        subcommands = PatternCommand.Check.class,
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true)
final class PatternCommand {

    private PatternCommand() {}

    /** {@code imaging pattern check}. It calls no AWS service; the names that it prints are the operator's own. */
    @Command(
            name = "check",
            description = {
                "Shows which patient ID a pattern finds in each of the given names.%n",
                "Exit codes: 0 every name gives a patient ID, 1 at least one does not, 2 the pattern cannot be used."
            })
    static final class Check extends BaseCommand {

        @Parameters(
                index = "0",
                paramLabel = "PATTERN",
                description = "A Java regular expression with the named group (?<patientId>...), in quotes.")
        private @Nullable String pattern;

        @Parameters(
                index = "1..*",
                arity = "1..*",
                paramLabel = "NAME",
                description = "A file name or an object key, of which only the part after the last / counts.")
        private @Nullable List<String> names;

        /** The JSON of this command. */
        record Checked(List<Name> names) {}

        /** A name with its patient ID, or with the reason why it has none. */
        record Name(String name, @Nullable String patientId, @Nullable String problem) {

            private String line() {
                return name + "  " + (patientId != null ? "patient ID " + patientId : cause());
            }

            private String cause() {
                return RejectionReason.NO_PATIENT_ID.label().equals(problem)
                        ? "no patient ID"
                        : "no patient ID: the pattern backtracks too much on this name";
            }
        }

        @Override
        Class<? extends Record> resultType() {
            return Checked.class;
        }

        @Override
        Result run() {
            PatientIdPattern compiled = compiled();
            List<Name> results = Objects.requireNonNull(names).stream()
                    .map(name -> result(name, compiled))
                    .toList();
            long without = results.stream()
                    .filter(result -> result.patientId() == null)
                    .count();
            return new Result(
                    new Checked(results),
                    results.stream().map(Name::line).toList(),
                    without == 0
                            ? List.of()
                            : List.of(text("%,d of %,d names give no patient ID.", without, results.size())));
        }

        private static Name result(String name, PatientIdPattern pattern) {
            return switch (pattern.match(name.substring(name.lastIndexOf('/') + 1))) {
                case PatientIdPattern.Match.Found found -> new Name(name, found.patientId(), null);
                case PatientIdPattern.Match.None none -> new Name(name, null, RejectionReason.NO_PATIENT_ID.label());
                case PatientIdPattern.Match.OverBudget overBudget ->
                    new Name(name, null, RejectionReason.PATIENT_ID_PATTERN_OVER_BUDGET.label());
            };
        }

        private PatientIdPattern compiled() {
            try {
                return PatientIdPattern.compile(Objects.requireNonNull(pattern));
            } catch (IllegalArgumentException e) {
                throw new OperatorException(String.valueOf(e.getMessage()), e);
            }
        }
    }
}
