/**
 * The embedded cloud: what a CloudFormation template describes, emulated in this JVM. {@link
 * io.datastream.imaging.local.LocalCloud} is the way in.
 */
@NullMarked
package io.datastream.imaging.local;

import org.jspecify.annotations.NullMarked;
