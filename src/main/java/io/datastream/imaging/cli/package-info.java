/**
 * The operator's command line: finds the pipeline, runs what the other packages do, and prints it. What it prints names
 * messages by their IDs; file names and patient IDs only with {@code --reveal}.
 *
 * <p>Exit codes: 0 all is done and well, 1 something is left for the operator, 2 the command could not do its work.
 */
@NullMarked
package io.datastream.imaging.cli;

import org.jspecify.annotations.NullMarked;
