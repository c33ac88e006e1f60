@NullMarked
package io.datastream.imaging.notification;

import org.jspecify.annotations.NullMarked;
