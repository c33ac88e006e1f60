package io.datastream.imaging.load.report;

import java.util.List;

/** One HTML page that loads nothing from the network. */
public final class Page {

    private static final String STYLE =
            """
            body { font: 15px/1.45 system-ui, sans-serif; color: #1a1a1a; max-width: 1360px; margin: 24px auto; padding: 0 20px }
            h1 { font-size: 26px; margin-bottom: 4px } h2 { margin: 32px 0 8px; font-size: 19px }
            .verdict { padding: 12px 16px; border-radius: 6px; font-size: 18px; font-weight: 600 }
            .passed { background: #e3f4ea; color: #0b5b2b } .failed { background: #fbe3e0; color: #8c1509 }
            .tiles { display: flex; flex-wrap: wrap; gap: 12px; margin: 16px 0 }
            .tile { border: 1px solid #d8d8d8; border-radius: 6px; padding: 8px 14px; min-width: 118px }
            .tile b { display: block; font-size: 22px }
            table { border-collapse: collapse } th, td { border-bottom: 1px solid #ddd; padding: 5px 14px 5px 4px; text-align: left }
            .number { text-align: right }
            .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(520px, 1fr)); gap: 22px }
            figure { margin: 0 } svg { width: 100%; height: auto } .grid { stroke: #e2e2e2 }
            .tick { font-size: 11px; fill: #555 } .note { color: #555; margin: 2px 0 0; font-size: 13px }
            .legend { float: right; font-size: 13px } .legend span { margin-left: 14px }
            .legend i { display: inline-block; width: 14px; height: 3px; margin-right: 5px; vertical-align: middle }
            """;

    private final StringBuilder body = new StringBuilder();
    private final String title;

    public Page(String title) {
        this.title = title;
        body.append("<h1>%s</h1>".formatted(escaped(title)));
    }

    public Page paragraph(String text) {
        body.append("<p>%s</p>".formatted(escaped(text)));
        return this;
    }

    public Page heading(String text) {
        body.append("<h2>%s</h2>".formatted(escaped(text)));
        return this;
    }

    public Page verdict(boolean passed, String text) {
        body.append("<p class='verdict %s'>%s</p>".formatted(passed ? "passed" : "failed", escaped(text)));
        return this;
    }

    /** Opens a row of {@link Tile}s. */
    public Page tiles(List<Tile> tiles) {
        body.append("<div class='tiles'>");
        tiles.forEach(tile -> body.append(
                "<div class='tile'><b>%s</b>%s</div>".formatted(escaped(tile.value()), escaped(tile.name()))));
        body.append("</div>");
        return this;
    }

    /** A number that stands for itself. */
    public record Tile(String value, String name) {}

    public Page table(Table table) {
        body.append("<table>");
        row("th", table, table.header());
        table.rows().forEach(row -> row("td", table, row));
        body.append("</table>");
        return this;
    }

    private void row(String element, Table table, List<String> cells) {
        body.append("<tr>");
        for (int column = 0; column < cells.size(); column++) {
            String cell = cells.get(column);
            String kind =
                    switch (cell) {
                        case "PASSED" -> "passed";
                        case "FAILED" -> "failed";
                        default -> table.isNumeric(column) ? "number" : "text";
                    };
            body.append("<%1$s class='%2$s'>%3$s</%1$s>".formatted(element, kind, escaped(cell)));
        }
        body.append("</tr>");
    }

    public Page charts(List<LineChart> charts) {
        body.append("<div class='charts'>");
        charts.forEach(chart -> body.append(chart.html()));
        body.append("</div>");
        return this;
    }

    public String html() {
        return "<!doctype html><html lang='en'><meta charset='utf-8'><title>%s</title><style>%s</style><body>%s</body></html>\n"
                .formatted(escaped(title), STYLE, body);
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("'", "&#39;")
                .replace("\"", "&quot;");
    }
}
