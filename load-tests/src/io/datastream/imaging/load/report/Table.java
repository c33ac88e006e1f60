package io.datastream.imaging.load.report;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A table, for a page or a terminal.
 *
 * @param header a cell for each column
 * @param rows as many cells each as the header
 */
public record Table(List<String> header, List<List<String>> rows) {

    public Table {
        header = List.copyOf(header);
        rows = rows.stream().map(List::copyOf).toList();
        int columns = header.size();
        if (rows.stream().anyMatch(row -> row.size() != columns)) {
            throw new IllegalArgumentException("each row of a table has as many cells as its header");
        }
    }

    /** Whether every cell of the column is a number, a share or empty. */
    boolean isNumeric(int column) {
        return rows.stream().allMatch(row -> row.get(column).matches("([-+]?[0-9][0-9,.]*( %)?)?"));
    }

    /** Lines of text, the columns two spaces apart. */
    public String text() {
        List<Integer> widths = IntStream.range(0, header.size())
                .mapToObj(column ->
                        lines().mapToInt(row -> row.get(column).length()).max().orElse(0))
                .toList();
        return lines().map(row -> IntStream.range(0, row.size())
                        .mapToObj(column -> row.get(column)
                                + " "
                                        .repeat(widths.get(column)
                                                - row.get(column).length()))
                        .collect(Collectors.joining("  "))
                        .stripTrailing())
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private Stream<List<String>> lines() {
        return Stream.concat(Stream.of(header), rows.stream());
    }
}
