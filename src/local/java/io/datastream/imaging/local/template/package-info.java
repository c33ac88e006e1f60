/** Reads and evaluates CloudFormation templates. Knows nothing of how their resources are emulated. */
@NullMarked
package io.datastream.imaging.local.template;

import org.jspecify.annotations.NullMarked;
