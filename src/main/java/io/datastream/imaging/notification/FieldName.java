package io.datastream.imaging.notification;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * The name of a JSON object's field, in two words that compare faster than its characters.
 *
 * @param length number of bytes in UTF-8
 * @param head the first eight bytes, or all if there are fewer
 * @param tail the last eight bytes, 0 if there are fewer; bytes between them, in a name of over 16, are not told
 */
record FieldName(int length, long head, long tail) {

    /**
     * Makes a name to look for.
     *
     * @param name at most 16 characters of ASCII
     */
    static FieldName of(String name) {
        byte[] bytes = name.getBytes(US_ASCII);
        if (bytes.length > 2 * Long.BYTES) {
            throw new IllegalArgumentException("a name to look for has at most 16 characters");
        }
        return of(bytes, 0, bytes.length);
    }

    /** Makes the name that stands in a text. */
    static FieldName of(byte[] text, int start, int end) {
        int length = end - start;
        return new FieldName(
                length,
                length < Long.BYTES ? fewBytes(text, start, end) : EightBytes.at(text, start),
                length < Long.BYTES ? 0 : EightBytes.at(text, end - Long.BYTES));
    }

    private static long fewBytes(byte[] text, int start, int end) {
        long word = 0;
        for (int index = start; index < end; index++) {
            word = word << Byte.SIZE | (text[index] & 0xff);
        }
        return word;
    }
}
