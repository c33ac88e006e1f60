package io.datastream.imaging.cli;

import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;

/** {@code java -jar imaging.jar}. */
@Command(
        name = "imaging",
        description = "Operates the image ingest pipeline.",
        subcommands = {DeadLetterCommand.class, StatusCommand.class, PatternCommand.class},
        mixinStandardHelpOptions = true,
        versionProvider = ImagingCommand.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%n",
        footer = {
            "Region, credentials and endpoints are the AWS SDK's own settings: AWS_REGION,",
            "AWS_PROFILE, AWS_ENDPOINT_URL and so on. Exit codes: 0 done, 1 something is left",
            "for you, 2 the command could not do its work."
        })
public final class ImagingCommand {

    static final int DONE = 0;
    static final int SOMETHING_LEFT = 1;
    static final int FAILED = 2;

    /** Senders, receivers and holders each have calls under way; HttpURLConnection would keep five connections only. */
    private static final String CONNECTIONS_KEPT_ALIVE = "48";

    private ImagingCommand() {}

    /** Runs one command, and ends the JVM with its exit code. */
    public static void main(String[] arguments) {
        System.setProperty("http.maxConnections", CONNECTIONS_KEPT_ALIVE);
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new ImagingCommand());
        commandLine.setExecutionExceptionHandler((exception, command, parsed) -> {
            printError(command, ErrorMessage.of(exception));
            return FAILED;
        });
        commandLine.setParameterExceptionHandler(ImagingCommand::handleWrongUsage);
        return commandLine;
    }

    private static int handleWrongUsage(ParameterException exception, String[] arguments) {
        CommandLine command = exception.getCommandLine();
        printError(
                command,
                oneLine(String.valueOf(exception.getMessage())) + ". See: "
                        + command.getCommandSpec().qualifiedName() + " --help");
        return FAILED;
    }

    private static String oneLine(String message) {
        return message.lines().map(String::strip).reduce("", (one, next) -> one.isEmpty() ? next : one + " " + next);
    }

    private static void printError(CommandLine command, String message) {
        PrintWriter error = command.getErr();
        error.println("imaging: " + message);
        error.flush();
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
