/** The README's first command: the pipeline on this machine, uploads in, records out. */
@NullMarked
package io.datastream.imaging.local.run;

import org.jspecify.annotations.NullMarked;
