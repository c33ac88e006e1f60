/** How fast a full queue is drained, beside a loop that does no more than it must. */
@NullMarked
package io.datastream.imaging.load.drain;

import org.jspecify.annotations.NullMarked;
