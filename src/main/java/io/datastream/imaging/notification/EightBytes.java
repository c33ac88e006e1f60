package io.datastream.imaging.notification;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Text of JSON, eight bytes at a time: most of a message is strings, and most strings are only looked through. */
final class EightBytes {

    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGHEST_BITS = ONES << 7;
    private static final long SPACES = ' ' * ONES;
    private static final long QUOTES = '"' * ONES;
    private static final long BACKSLASHES = '\\' * ONES;

    private EightBytes() {}

    /** A word of eight bytes, the first one lowest. */
    static long at(byte[] text, int index) {
        return (long) WORDS.get(text, index);
    }

    /** The index of the first quote, backslash or control character, or the text's length. */
    static int endOfPlainText(byte[] text, int start) {
        int index = start;
        while (index <= text.length - Long.BYTES) {
            long others = others(at(text, index));
            if (others != 0) {
                return index + (Long.numberOfTrailingZeros(others) >> 3);
            }
            index += Long.BYTES;
        }
        while (index < text.length && isPlain(text[index])) {
            index++;
        }
        return index;
    }

    /**
     * Sets the highest bit of the first byte that is no plain text: a subtraction sets it where it has to borrow, from a
     * byte that is below a space, or equal to a quote or a backslash. Bits of bytes behind the first one may be wrong,
     * since those have lent.
     */
    private static long others(long word) {
        long borrowed = (word - SPACES) | ((word ^ QUOTES) - ONES) | ((word ^ BACKSLASHES) - ONES);
        return borrowed & ~word & HIGHEST_BITS;
    }

    /** Bytes of characters beyond ASCII are negative. */
    private static boolean isPlain(byte character) {
        return character < 0 || (character >= ' ' && character != '"' && character != '\\');
    }
}
