package io.datastream.imaging.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;

/** {@code java -jar imaging.jar}. */
@Command(
        name = "imaging",
        description = "Operates the image ingest pipeline.",
        subcommands = {
            ImagingCommand.DeadLetterCommand.class,
            ReconcileCommand.class,
            StatusCommand.class,
            PatternCommand.class
        },
        mixinStandardHelpOptions = true,
        versionProvider = ImagingCommand.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%n",
        footer = {
            "Region, credentials and endpoints are the AWS SDK's own settings: AWS_REGION (or",
            "AWS_DEFAULT_REGION), AWS_PROFILE, AWS_ENDPOINT_URL and so on. Exit codes: 0 done,",
            "1 something could not be done or needs a person, 2 wrong usage."
        })
public final class ImagingCommand {

    /** Each worker has a call under way. HttpURLConnection would keep five connections only. */
    private static final String CONNECTIONS_KEPT_ALIVE = "16";

    private ImagingCommand() {}

    /** {@code imaging dlq}. */
    @Command(
            name = "dlq",
            description = "Explains, sends back, saves and deletes what is in the dead-letter queue.",
            subcommands = {
                InspectCommand.class,
                ReplayCommand.class,
                ArchiveCommands.Save.class,
                ArchiveCommands.Drop.class
            },
            mixinStandardHelpOptions = true,
            synopsisSubcommandLabel = "COMMAND")
    static final class DeadLetterCommand {}

    /** Runs one command, and ends the JVM with its exit code. */
    public static void main(String[] arguments) {
        System.setProperty("http.maxConnections", CONNECTIONS_KEPT_ALIVE);
        CommandLine commandLine = commandLine()
                .setOut(new PrintWriter(new OutputStreamWriter(new FileOutputStream(FileDescriptor.out), UTF_8)))
                .setErr(new PrintWriter(new OutputStreamWriter(new FileOutputStream(FileDescriptor.err), UTF_8), true));
        int exitCode = commandLine.execute(decoded(arguments));
        commandLine.getOut().flush();
        System.exit(exitCode);
    }

    /** A JVM in the locale C loses what is not ASCII in its arguments, so they are read from Linux again, as UTF-8. */
    private static String[] decoded(String[] arguments) {
        if (Arrays.stream(arguments).allMatch(argument -> argument.chars().allMatch(character -> character < 128))
                || "UTF-8".equals(System.getProperty("sun.jnu.encoding"))) {
            return arguments;
        }
        try {
            String all = UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(Files.readAllBytes(Path.of("/proc/self/cmdline"))))
                    .toString();
            List<String> parts = List.of(all.split("\u0000", -1));
            // After the last argument there is a zero, too.
            return parts.subList(parts.size() - 1 - arguments.length, parts.size() - 1)
                    .toArray(String[]::new);
        } catch (CharacterCodingException e) {
            return arguments;
        } catch (IOException e) {
            return arguments;
        }
    }

    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new ImagingCommand());
        commandLine.setParameterExceptionHandler(ImagingCommand::handleWrongUsage);
        addJsonFields(commandLine);
        return commandLine;
    }

    /** The help of each command lists the fields of its JSON, so that they cannot differ. */
    private static void addJsonFields(CommandLine commandLine) {
        commandLine.getSubcommands().values().forEach(ImagingCommand::addJsonFields);
        if (commandLine.getCommand() instanceof BaseCommand command) {
            List<String> fields = new ArrayList<>();
            addFields("", BaseCommand.Envelope.class, fields);
            addFields("result.", command.resultType(), fields);
            commandLine
                    .getCommandSpec()
                    .usageMessage()
                    .footer("%nFields of the JSON: " + String.join(", ", fields) + ".");
        }
    }

    /** Names of the fields as paths; a list's name ends with []. */
    static void addFields(String prefix, Class<?> type, List<String> fields) {
        for (RecordComponent component : type.getRecordComponents()) {
            String name = prefix + component.getName();
            if (component.getGenericType() instanceof ParameterizedType generic
                    && List.class.isAssignableFrom(component.getType())) {
                Class<?> element = (Class<?>) generic.getActualTypeArguments()[0];
                if (element.isRecord()) {
                    addFields(name + "[].", element, fields);
                } else {
                    fields.add(name + "[]");
                }
            } else if (component.getType().isRecord()) {
                addFields(name + ".", component.getType(), fields);
            } else if (component.getType() != Object.class) {
                fields.add(name);
            }
        }
    }

    private static int handleWrongUsage(ParameterException exception, String[] arguments) {
        CommandLine command = exception.getCommandLine();
        String message = String.valueOf(exception.getMessage())
                .lines()
                .map(String::strip)
                .collect(Collectors.joining(" "));
        command.getErr()
                .println("imaging: " + message + ". See: "
                        + command.getCommandSpec().qualifiedName() + " --help");
        command.getErr().flush();
        return BaseCommand.WRONG_USAGE;
    }

    /** From the manifest of the jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = ImagingCommand.class.getPackage().getImplementationVersion();
            return List.of("imaging " + (version == null ? "(not from a jar)" : version))
                    .toArray(String[]::new);
        }
    }
}
