/** Plots, pages and prices: what all load tests report with. */
@NullMarked
package io.datastream.imaging.load.report;

import org.jspecify.annotations.NullMarked;
