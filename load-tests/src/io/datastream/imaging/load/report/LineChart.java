package io.datastream.imaging.load.report;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Lines over time, as SVG.
 *
 * @param title what is shown, with its unit
 * @param note what a reader should see in it
 * @param seconds where the time axis ends: charts below each other are compared
 */
public record LineChart(String title, String note, double seconds, List<Series> series) {

    private static final int WIDTH = 640;
    private static final int HEIGHT = 220;
    private static final int LEFT = 56;
    private static final int RIGHT = 12;
    private static final int TOP = 10;
    private static final int BOTTOM = 26;
    private static final int STEPS = 4;
    /** A line along the upper edge would not be seen. */
    private static final double HEADROOM = 1.05;

    /** Told apart by the colour-blind, too. */
    private static final List<String> COLOURS = List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7");

    public LineChart {
        series = List.copyOf(series);
        if (!(seconds > 0)) {
            throw new IllegalArgumentException("a time axis has a length");
        }
    }

    /** The chart with its title, legend and note. */
    public String html() {
        double maximum = roundUp(
                HEADROOM * series.stream().mapToDouble(Series::maximum).max().orElse(1));
        StringBuilder svg = new StringBuilder();
        svg.append(
                "<svg viewBox='0 0 %d %d' role='img' aria-label='%s'>".formatted(WIDTH, HEIGHT, Page.escaped(title)));
        for (int step = 0; step <= STEPS; step++) {
            double y = y(maximum * step / STEPS, maximum);
            svg.append(format("<line class='grid' x1='%d' x2='%d' y1='%.1f' y2='%.1f'/>", LEFT, WIDTH - RIGHT, y, y));
            svg.append(format(
                    "<text class='tick' text-anchor='end' x='%d' y='%.1f'>%s</text>",
                    LEFT - 6, y + 4, number(maximum * step / STEPS)));
        }
        double interval = interval(seconds);
        for (double second = 0; second <= seconds; second += interval) {
            svg.append(format(
                    "<text class='tick' text-anchor='middle' x='%.1f' y='%d'>%s s</text>",
                    Math.min(x(second), WIDTH - RIGHT - 14), HEIGHT - 8, number(second)));
        }
        for (int line = 0; line < series.size(); line++) {
            svg.append("<polyline fill='none' stroke='%s' stroke-width='1.8' points='%s'/>"
                    .formatted(colour(line), points(series.get(line), maximum)));
        }
        svg.append("</svg>");
        return "<figure><figcaption><b>%s</b>%s</figcaption>%s<p class='note'>%s</p></figure>"
                .formatted(Page.escaped(title), legend(), svg, Page.escaped(note));
    }

    private String legend() {
        StringBuilder legend = new StringBuilder("<span class='legend'>");
        for (int line = 0; line < series.size(); line++) {
            legend.append("<span><i style='background:%s'></i>%s</span>"
                    .formatted(colour(line), Page.escaped(series.get(line).name())));
        }
        return legend.append("</span>").toString();
    }

    private String points(Series series, double maximum) {
        return series.points().stream()
                .map(point -> format("%.1f,%.1f", x(point.second()), y(point.value(), maximum)))
                .collect(Collectors.joining(" "));
    }

    private double x(double second) {
        return LEFT + second / seconds * (WIDTH - LEFT - RIGHT);
    }

    private static double y(double value, double maximum) {
        return HEIGHT - BOTTOM - value / maximum * (HEIGHT - TOP - BOTTOM);
    }

    /** Between the times on the axis, so that five at most have room. */
    private static double interval(double seconds) {
        for (int interval : new int[] {1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600}) {
            if (seconds <= 5 * interval) {
                return interval;
            }
        }
        return seconds / STEPS;
    }

    /** The next number above that divides well into steps. */
    private static double roundUp(double value) {
        double power = Math.pow(10, Math.floor(Math.log10(Math.max(value, 1))));
        for (double factor : new double[] {1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10}) {
            if (factor * power >= value) {
                return factor * power;
            }
        }
        throw new IllegalArgumentException("not a number: " + value);
    }

    private static String number(double value) {
        return value == Math.rint(value) ? format("%,.0f", value) : format("%,.1f", value);
    }

    private static String colour(int line) {
        return COLOURS.get(line % COLOURS.size());
    }

    private static String format(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }
}
