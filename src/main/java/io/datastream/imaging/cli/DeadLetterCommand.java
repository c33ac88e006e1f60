package io.datastream.imaging.cli;

import picocli.CommandLine.Command;

/** {@code imaging dlq}: holds the commands for the dead-letter queue together. */
@Command(
        name = "dlq",
        description = "Explains, sends back, saves and deletes what is in the dead-letter queue.",
        subcommands = {InspectCommand.class, ReplayCommand.class, SaveCommand.class, DropCommand.class},
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class DeadLetterCommand {}
