package io.datastream.imaging.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the pipeline is: a stack tells it all, and each part can be given by hand. */
final class PipelineOptions {

    @Option(names = "--stack", paramLabel = "NAME", description = "CloudFormation stack to find everything below from.")
    @Nullable
    String stack;

    @Option(
            names = "--dlq",
            paramLabel = "URL",
            description =
                    "Dead-letter queue; with --stack, another one of the stack (its SubscriptionDeadLetterQueueUrl).")
    @Nullable
    String deadLetterQueueUrl;

    @Option(names = "--queue", paramLabel = "URL", description = "Queue that the function reads.")
    @Nullable
    String queueUrl;

    @Option(names = "--table", paramLabel = "NAME", description = "Table of records.")
    @Nullable
    String tableName;

    @Option(
            names = "--pattern",
            paramLabel = "REGEX",
            description =
                    "The function's patient ID pattern, if not its default; with --stack, instead of the deployed one.")
    @Nullable
    String pattern;

    @Option(
            names = "--earlier-pattern",
            paramLabel = "REGEX",
            description =
                    "The pattern before it was changed: tells which messages failed by it. With --stack: that of the version before the deployed one.")
    @Nullable
    String earlierPattern;
}
