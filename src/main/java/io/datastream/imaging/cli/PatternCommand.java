package io.datastream.imaging.cli;

import io.datastream.imaging.metadata.PatientIdPattern;
import io.datastream.imaging.notification.RejectionReason;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

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
    static final class Check implements Callable<Integer> {

        @Mixin
        private OutputOptions output = new OutputOptions();

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

        @Spec
        private @Nullable CommandSpec command;

        private record Result(String name, PatientIdPattern.Match match) {}

        @Override
        public Integer call() {
            Output to = new Output(Objects.requireNonNull(command), output);
            PatientIdPattern compiled = compiled();
            List<Result> results = Objects.requireNonNull(names).stream()
                    .map(name -> new Result(name, compiled.match(name.substring(name.lastIndexOf('/') + 1))))
                    .toList();
            if (to.isJson()) {
                writeJson(to, results);
            } else {
                results.forEach(result -> to.line("%s  %s", result.name(), text(result.match())));
            }
            return results.stream().allMatch(result -> result.match() instanceof PatientIdPattern.Match.Found)
                    ? ImagingCommand.DONE
                    : ImagingCommand.SOMETHING_LEFT;
        }

        private PatientIdPattern compiled() {
            try {
                return PatientIdPattern.compile(Objects.requireNonNull(pattern));
            } catch (IllegalArgumentException e) {
                throw new ParameterException(
                        Objects.requireNonNull(command).commandLine(), String.valueOf(e.getMessage()), e);
            }
        }

        private static String text(PatientIdPattern.Match match) {
            return switch (match) {
                case PatientIdPattern.Match.Found found -> "patient ID " + found.patientId();
                case PatientIdPattern.Match.None none -> "no patient ID";
                case PatientIdPattern.Match.OverBudget overBudget ->
                    "no patient ID: the pattern backtracks too much on this name";
            };
        }

        private static void writeJson(Output to, List<Result> results) {
            to.json(json -> {
                json.writeArrayFieldStart("names");
                for (Result result : results) {
                    json.writeStartObject();
                    json.writeStringField("name", result.name());
                    switch (result.match()) {
                        case PatientIdPattern.Match.Found found ->
                            json.writeStringField("patientId", found.patientId());
                        case PatientIdPattern.Match.None none ->
                            json.writeStringField("problem", RejectionReason.NO_PATIENT_ID.label());
                        case PatientIdPattern.Match.OverBudget overBudget ->
                            json.writeStringField("problem", RejectionReason.PATIENT_ID_PATTERN_OVER_BUDGET.label());
                    }
                    json.writeEndObject();
                }
                json.writeEndArray();
            });
        }
    }
}
