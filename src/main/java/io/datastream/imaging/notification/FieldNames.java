package io.datastream.imaging.notification;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The names of the fields that somebody asks for. Found by two words instead of by characters, and without making a
 * string of the name.
 *
 * @param <F> what a name stands for
 */
final class FieldNames<F> {

    /** Two words hold a name of so many bytes. */
    private static final int LONGEST = 2 * Long.BYTES;

    private record Entry<F>(long head, long tail, F field) {}

    private final List<List<Entry<F>>> byLength = new ArrayList<>(LONGEST + 1);
    private final F unknown;

    /**
     * Makes a table of names.
     *
     * @param fields by their names, which have at most 16 characters of ASCII
     * @param unknown stands for any other name
     */
    FieldNames(Map<String, F> fields, F unknown) {
        for (int length = 0; length <= LONGEST; length++) {
            byLength.add(new ArrayList<>());
        }
        fields.forEach((name, field) -> {
            byte[] text = name.getBytes(US_ASCII);
            if (text.length > LONGEST) {
                throw new IllegalArgumentException("a name of over " + LONGEST + " characters");
            }
            byLength.get(text.length).add(new Entry<>(head(text, 0, text.length), tail(text, 0, text.length), field));
        });
        this.unknown = unknown;
    }

    /** The field whose name stands in a text. */
    F find(byte[] text, int start, int end) {
        if (end - start > LONGEST) {
            return unknown;
        }
        long head = head(text, start, end);
        long tail = tail(text, start, end);
        List<Entry<F>> entries = byLength.get(end - start);
        for (int index = 0; index < entries.size(); index++) {
            Entry<F> entry = entries.get(index);
            if (entry.head == head && entry.tail == tail) {
                return entry.field;
            }
        }
        return unknown;
    }

    /** The first eight bytes, or all if there are fewer. */
    private static long head(byte[] text, int start, int end) {
        if (end - start >= Long.BYTES) {
            return EightBytes.at(text, start);
        }
        long head = 0;
        for (int index = start; index < end; index++) {
            head = head << Byte.SIZE | (text[index] & 0xff);
        }
        return head;
    }

    /** The last eight bytes, or none if there are fewer. */
    private static long tail(byte[] text, int start, int end) {
        return end - start >= Long.BYTES ? EightBytes.at(text, end - Long.BYTES) : 0;
    }
}
