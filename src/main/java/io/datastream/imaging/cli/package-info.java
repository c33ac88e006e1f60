/**
 * The operator's command line: finds the pipeline, runs what the other packages do, and prints it. It prints message IDs;
 * file names and patient IDs only with {@code --reveal}.
 *
 * <p>A new command extends {@link io.datastream.imaging.cli.BaseCommand}, or
 * {@link io.datastream.imaging.cli.PipelineCommand} if it needs a pipeline, and is named in the subcommands of
 * {@link io.datastream.imaging.cli.ImagingCommand}.
 */
@NullMarked
package io.datastream.imaging.cli;

import org.jspecify.annotations.NullMarked;
