/**
 * The embedded cloud: emulates in this JVM the resources of a CloudFormation template. Start with {@link
 * io.datastream.imaging.local.LocalCloud}.
 */
@NullMarked
package io.datastream.imaging.local;

import org.jspecify.annotations.NullMarked;
