package io.datastream.imaging.reconcile;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The content of {@code manifest.json}.
 *
 * @param sourceBucket the bucket that was listed
 * @param columns of each data file, by position; null for a column that is not compared
 * @param files the data files, in the manifest's order
 */
public record Manifest(String sourceBucket, List<@Nullable Column> columns, List<DataFile> files) {

    /**
     * A data file.
     *
     * @param key in the inventory bucket
     * @param size bytes, compressed
     * @param md5 in hexadecimal
     */
    public record DataFile(String key, long size, String md5) {}

    private static final JsonFactory JSON = new JsonFactory();
    private static final String CSV = "CSV";

    /**
     * Reads a manifest.
     *
     * @param json in UTF-8
     * @throws RefusedInventoryException if it is unreadable, or of another format than CSV, or lacks a column
     */
    static Manifest parse(byte[] json) {
        String sourceBucket = null;
        String format = null;
        String schema = null;
        List<DataFile> files = null;
        try (JsonParser parser = JSON.createParser(json)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                switch (field) {
                    case "sourceBucket" -> sourceBucket = parser.getValueAsString();
                    case "fileFormat" -> format = parser.getValueAsString();
                    case "fileSchema" -> schema = parser.getValueAsString();
                    case "files" -> files = files(parser);
                    default -> parser.skipChildren();
                }
            }
        } catch (IOException notJson) {
            throw new RefusedInventoryException(RefusalReason.MANIFEST_UNREADABLE, "");
        }
        if (format != null && !format.equals(CSV)) {
            throw new RefusedInventoryException(RefusalReason.FORMAT_UNSUPPORTED, "set the inventory's format to CSV");
        }
        if (sourceBucket == null || format == null || schema == null || files == null) {
            throw new RefusedInventoryException(RefusalReason.MANIFEST_UNREADABLE, "");
        }
        return new Manifest(sourceBucket, columns(schema), List.copyOf(files));
    }

    private static List<DataFile> files(JsonParser parser) throws IOException {
        List<DataFile> files = new ArrayList<>();
        while (parser.nextToken() == JsonToken.START_OBJECT) {
            String key = null;
            String md5 = null;
            long size = 0;
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                switch (field) {
                    case "key" -> key = parser.getValueAsString();
                    case "size" -> size = parser.getValueAsLong();
                    case "MD5checksum" -> md5 = parser.getValueAsString();
                    default -> parser.skipChildren();
                }
            }
            if (key == null || md5 == null) {
                throw new RefusedInventoryException(RefusalReason.MANIFEST_UNREADABLE, "a data file has no MD5");
            }
            files.add(new DataFile(key, size, md5));
        }
        expect(parser.currentToken() == JsonToken.END_ARRAY);
        return files;
    }

    private static List<@Nullable Column> columns(String schema) {
        Set<Column> missing = EnumSet.allOf(Column.class);
        List<@Nullable Column> columns = new ArrayList<>();
        for (String label : schema.split(",", -1)) {
            Column column = Arrays.stream(Column.values())
                    .filter(known -> known.label.equals(label.strip()))
                    .findFirst()
                    .orElse(null);
            missing.remove(column);
            columns.add(column);
        }
        if (!missing.isEmpty()) {
            throw new RefusedInventoryException(
                    RefusalReason.FIELD_MISSING,
                    "the inventory must be of all versions and have the field "
                            + missing.iterator().next().label);
        }
        return columns;
    }

    private static void expect(boolean condition) {
        if (!condition) {
            throw new RefusedInventoryException(RefusalReason.MANIFEST_UNREADABLE, "");
        }
    }
}
