package io.datastream.imaging.cli;

import picocli.CommandLine.Option;

/** How a command reports. */
final class OutputOptions {

    @Option(names = "--json", description = "Print one JSON object, and no progress.")
    boolean json;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    boolean help;
}
