package io.datastream.imaging.local.run;

import io.datastream.imaging.local.FunctionCode;
import io.datastream.imaging.local.template.Template;
import io.datastream.imaging.metadata.PatientIdPattern;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How to run the pipeline.
 *
 * @param upload a folder: every file in it is uploaded
 * @param once whether to end when all uploads have their record
 * @param endWithParent whether not to outlive the process that started this one
 * @param patience how long nothing may land before the missing records are given up
 * @param parameters of the template
 */
record RunOptions(
        Path upload,
        boolean once,
        boolean endWithParent,
        Duration patience,
        Path template,
        Path functionJar,
        Map<String, String> parameters,
        int s3Port,
        int sqsPort,
        int dynamoDbPort) {

    static final String HELP =
            """
            Runs the pipeline of a CloudFormation template on this machine, uploads files and prints their records.

              --upload FOLDER         upload every file in it, under its path in the folder (default: four samples)
              --once                  end when all uploads have their record; else stay until Ctrl-C
              --end-with-parent       end when the process that started this one has ended
              --patience SECONDS      give up when nothing has landed for so long (default: 60)
              --pattern REGEX         how a file name gives the patient ID, in the group (?<patientId>...)
              --parameters LIST       parameters of the template: NAME=VALUE,NAME=VALUE
              --template FILE         default: cloudformation/pipeline.yaml
              --function-jar FILE     default: target/ingest-function.jar
              --s3-port PORT          default: any free port
              --sqs-port PORT         default: any free port
              --dynamodb-port PORT    default: any free port

            Exit code: 0 every upload has its record, 1 a record is missing, 2 the input cannot be used.
            """;

    private static final Set<String> FLAGS = Set.of("once", "end-with-parent");
    private static final Set<String> VALUES = Set.of(
            "upload",
            "patience",
            "pattern",
            "parameters",
            "template",
            "function-jar",
            "s3-port",
            "sqs-port",
            "dynamodb-port");

    /**
     * Reads command line arguments: {@code --name VALUE} or {@code --name=VALUE}. An empty value is the default.
     *
     * @throws BadInputException if they make no sense
     */
    static RunOptions parse(List<String> arguments) {
        Map<String, String> given = given(arguments);
        return new RunOptions(
                Path.of(given.getOrDefault("upload", "src/test/resources/samples")),
                Boolean.parseBoolean(given.getOrDefault("once", "false")),
                Boolean.parseBoolean(given.getOrDefault("end-with-parent", "false")),
                Duration.ofSeconds(number(given, "patience", 60, 1, 86_400)),
                Path.of(given.getOrDefault("template", "cloudformation/pipeline.yaml")),
                Path.of(given.getOrDefault("function-jar", "target/ingest-function.jar")),
                parameters(given),
                number(given, "s3-port", 0, 0, 65_535),
                number(given, "sqs-port", 0, 0, 65_535),
                number(given, "dynamodb-port", 0, 0, 65_535));
    }

    /**
     * Reads the template.
     *
     * @throws BadInputException if something that is needed is not there, or the pattern is of no use
     */
    Template checked() {
        if (!Files.isRegularFile(template)) {
            throw new BadInputException("no such template: " + template + "; run from the project's folder, or name one"
                    + " with --template FILE");
        }
        if (!Files.isRegularFile(functionJar)) {
            throw new BadInputException(
                    "the function is not built: " + functionJar + " is missing; run: mvn package -DskipTests");
        }
        if (!Files.isDirectory(upload)) {
            throw new BadInputException("no such folder: " + upload + "; name one with --upload FOLDER");
        }
        Optional.ofNullable(parameters.get("PatientIdPattern")).ifPresent(RunOptions::checkPattern);
        return Template.read(template);
    }

    FunctionCode function() {
        return new FunctionCode.Jar(functionJar);
    }

    private static void checkPattern(String pattern) {
        try {
            PatientIdPattern.compile(pattern);
        } catch (IllegalArgumentException e) {
            throw new BadInputException(e.getMessage().lines().findFirst().orElseThrow()
                    + "; give one as --pattern 'scan-(?<patientId>[0-9]+)\\.dcm'");
        }
    }

    private static Map<String, String> given(List<String> arguments) {
        Map<String, String> given = new HashMap<>();
        Iterator<String> rest = arguments.iterator();
        while (rest.hasNext()) {
            String argument = rest.next();
            String[] parts = argument.split("=", 2);
            String name = parts[0].startsWith("--") ? parts[0].substring(2) : "";
            String value;
            if (parts.length == 2 && (FLAGS.contains(name) || VALUES.contains(name))) {
                value = parts[1];
            } else if (FLAGS.contains(name)) {
                value = "true";
            } else if (VALUES.contains(name) && rest.hasNext()) {
                value = rest.next();
            } else {
                throw new BadInputException("what is " + argument + "? --help lists the options");
            }
            if (!value.isEmpty()) {
                given.put(name, value);
            }
        }
        return given;
    }

    private static int number(Map<String, String> given, String name, int byDefault, int least, int most) {
        String text = given.getOrDefault(name, String.valueOf(byDefault));
        if (!text.matches("[0-9]{1,6}") || Integer.parseInt(text) < least || Integer.parseInt(text) > most) {
            throw new BadInputException(
                    "--" + name + " " + text + ": give a whole number from " + least + " to " + most);
        }
        return Integer.parseInt(text);
    }

    private static Map<String, String> parameters(Map<String, String> given) {
        Map<String, String> parameters = new HashMap<>();
        String list = given.getOrDefault("parameters", "");
        // A value may hold commas: the next parameter begins where a name and = follow.
        for (String parameter : list.split(",(?=[A-Za-z0-9]+=)")) {
            String[] parts = parameter.split("=", 2);
            if (parts.length == 2) {
                parameters.put(parts[0].strip(), parts[1]);
            } else if (!parameter.isBlank()) {
                throw new BadInputException("--parameters " + parameter + ": give NAME=VALUE");
            }
        }
        Optional.ofNullable(given.get("pattern")).ifPresent(pattern -> parameters.put("PatientIdPattern", pattern));
        return parameters;
    }
}
