/**
 * Load tests of the pipeline: each has a package and a command of its own, see {@code load-tests/README.md}.
 *
 * <pre>
 * spike       signed uploads through everything, a {@code ledger} of them, and a {@code report}
 * drain       a full queue against a bare loop
 * comparison  the same uploads through five architectures
 * benchmark   what the function's own work costs
 * </pre>
 */
@NullMarked
package io.datastream.imaging.load;

import org.jspecify.annotations.NullMarked;
