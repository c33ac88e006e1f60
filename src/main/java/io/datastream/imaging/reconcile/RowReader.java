package io.datastream.imaging.reconcile;

import static java.nio.charset.StandardCharsets.UTF_8;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import io.datastream.imaging.notification.ObjectKey;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Reads the rows of one data file as they come, so that the memory does not depend on the file's size. */
public final class RowReader implements Iterator<InventoryRow>, AutoCloseable {

    private static final int BUFFER_BYTES = 65_536;

    private final String bucketName;
    private final Map<Column, Integer> positions = new EnumMap<>(Column.class);
    private final CsvReader<@Nullable String[]> reader;
    private final Iterator<@Nullable String[]> records;
    private long rowsRead;
    private final AtomicLong bytesRead = new AtomicLong();

    /**
     * Opens a data file.
     *
     * @param content gzip of CSV in UTF-8; closed with this reader
     * @param manifest names the columns, and the bucket that every row must be of
     * @throws RefusedInventoryException if it is not gzip
     */
    RowReader(InputStream content, Manifest manifest) {
        bucketName = manifest.sourceBucket();
        try {
            InputStream csv = new GZIPInputStream(counted(content), BUFFER_BYTES);
            // A decoder that reports malformed input: two keys must not become one.
            reader = CsvReader.builder()
                    .allowMissingFields(true)
                    .allowExtraFields(true)
                    .build(new ComparedFields(manifest.columns()), new InputStreamReader(csv, UTF_8.newDecoder()));
        } catch (IOException notGzip) {
            throw new RefusedInventoryException(RefusalReason.DATA_FILE_UNREADABLE, "not gzip", notGzip);
        }
        records = reader.iterator();
        for (Column column : Column.values()) {
            positions.put(column, manifest.columns().indexOf(column));
        }
    }

    private InputStream counted(InputStream content) {
        return new FilterInputStream(content) {
            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                int read = super.read(buffer, offset, length);
                bytesRead.addAndGet(Math.max(0, read));
                return read;
            }
        };
    }

    /** Compressed bytes that were read so far, of the rows and somewhat ahead of them. */
    public long bytesRead() {
        return bytesRead.get();
    }

    /**
     * Passes over rows without looking at them.
     *
     * @param rows 0 or more
     */
    void skip(long rows) {
        for (long i = 0; i < rows && hasNext(); i++) {
            nextRecord();
        }
    }

    @Override
    public boolean hasNext() {
        try {
            return records.hasNext();
        } catch (CsvParseException | UncheckedIOException unreadable) {
            throw refusal(RefusalReason.DATA_FILE_UNREADABLE);
        }
    }

    /**
     * The next row.
     *
     * @throws RefusedInventoryException if it has other fields than the manifest says, or is of another bucket
     */
    @Override
    public InventoryRow next() {
        @Nullable String[] fields = nextRecord();
        try {
            if (!bucketName.equals(text(fields, Column.BUCKET))) {
                throw refusal(RefusalReason.FOREIGN_BUCKET);
            }
            String key = ObjectKey.decode(text(fields, Column.KEY));
            String eTag = text(fields, Column.E_TAG);
            String versionId = text(fields, Column.VERSION_ID);
            boolean isDeleteMarker = flag(text(fields, Column.IS_DELETE_MARKER));
            if (ObjectKey.isTooLong(key)) {
                throw refusal(RefusalReason.ROW_UNREADABLE);
            }
            return new InventoryRow(
                    key,
                    versionId.isEmpty() ? null : versionId,
                    isDeleteMarker,
                    // A delete marker has no size.
                    isDeleteMarker ? 0 : Long.parseLong(text(fields, Column.SIZE)),
                    time(text(fields, Column.LAST_MODIFIED)),
                    eTag.isEmpty() ? null : eTag);
        } catch (CharacterCodingException | IllegalArgumentException | DateTimeException unreadable) {
            throw refusal(RefusalReason.ROW_UNREADABLE);
        }
    }

    private @Nullable String[] nextRecord() {
        try {
            @Nullable String[] fields = records.next();
            rowsRead++;
            return fields;
        } catch (CsvParseException | UncheckedIOException unreadable) {
            throw refusal(RefusalReason.DATA_FILE_UNREADABLE);
        }
    }

    private String text(@Nullable String[] fields, Column column) {
        String text = fields[Objects.requireNonNull(positions.get(column))];
        if (text == null) {
            throw refusal(RefusalReason.ROW_UNREADABLE);
        }
        return text;
    }

    /** S3 writes {@code 2026-11-20T09:30:00.125Z}. Instant.parse alone would take as long as the rest of the row. */
    private static Instant time(String text) {
        if (text.length() != 24 || text.charAt(10) != 'T' || text.charAt(19) != '.' || text.charAt(23) != 'Z') {
            return Instant.parse(text);
        }
        return LocalDate.of(number(text, 0, 4), number(text, 5, 7), number(text, 8, 10))
                .atTime(
                        number(text, 11, 13),
                        number(text, 14, 16),
                        number(text, 17, 19),
                        number(text, 20, 23) * 1_000_000)
                .toInstant(ZoneOffset.UTC);
    }

    private static int number(String text, int from, int to) {
        return Integer.parseInt(text, from, to, 10);
    }

    private boolean flag(String text) {
        return switch (text) {
            case "true" -> true;
            case "false", "" -> false;
            default -> throw refusal(RefusalReason.ROW_UNREADABLE);
        };
    }

    /** Without a cause, which would contain the field's text. */
    private RefusedInventoryException refusal(RefusalReason reason) {
        return new RefusedInventoryException(reason, "row " + rowsRead);
    }

    @Override
    public void close() {
        try {
            reader.close();
        } catch (IOException e) {
            throw new UncheckedIOException("closing a data file", e);
        }
    }

    /** Makes text of the compared fields only, at their positions. A record of too few or too many fields has none. */
    private static final class ComparedFields extends AbstractBaseCsvCallbackHandler<@Nullable String[]> {
        private final List<@Nullable Column> columns;
        private @Nullable String[] fields = {};

        ComparedFields(List<@Nullable Column> columns) {
            this.columns = columns;
        }

        @Override
        protected void handleBegin(long startingLineNumber) {
            fields = new String[columns.size()];
        }

        @Override
        protected void handleField(int index, char[] buffer, int offset, int length, boolean quoted) {
            if (index < fields.length && columns.get(index) != null) {
                fields[index] = new String(buffer, offset, length);
            }
        }

        @Override
        protected @Nullable String[] buildRecord() {
            return getFieldCount() == fields.length ? fields : new String[fields.length];
        }
    }
}
