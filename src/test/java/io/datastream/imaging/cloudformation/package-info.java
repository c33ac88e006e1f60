/**
 * The stack, checked without AWS: the template's rules ({@link io.datastream.imaging.cloudformation.PreflightRule}), its
 * function's permissions, and what its parameters can be made to say.
 */
@NullMarked
package io.datastream.imaging.cloudformation;

import org.jspecify.annotations.NullMarked;
