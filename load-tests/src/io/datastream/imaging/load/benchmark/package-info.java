/** What the function's own work costs, beside the least and the usual that one could do. */
@NullMarked
package io.datastream.imaging.load.benchmark;

import org.jspecify.annotations.NullMarked;
