/**
 * An embedded Lambda: execution environments that run the real function jar under the real runtime interface client,
 * and an SQS event source that follows AWS's rules. Test scope only.
 */
@NullMarked
package io.datastream.imaging.local.lambda;

import org.jspecify.annotations.NullMarked;
