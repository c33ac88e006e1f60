/** Whether the pipeline is healthy: what the alarms of its stack watch, read now. */
@NullMarked
package io.datastream.imaging.status;

import org.jspecify.annotations.NullMarked;
