package io.datastream.imaging.load.report;

import java.util.List;

/**
 * One line of a chart.
 *
 * @param points by time
 */
public record Series(String name, List<Point> points) {

    /**
     * A value at a time.
     *
     * @param second since the run began
     */
    public record Point(double second, double value) {}

    public Series {
        points = List.copyOf(points);
    }

    double maximum() {
        return points.stream().mapToDouble(Point::value).max().orElse(0);
    }
}
