package io.datastream.imaging.notification;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Reads one JSON value from front to back, as strictly as RFC 8259, and makes no object of what nobody asks for.
 *
 * <p>It stands before a value; whoever reads or skips that moves it on. A value of another type than asked for is
 * skipped.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8259">RFC 8259</a>
 */
final class JsonReader {

    /** The text is not JSON. Without a stack trace: it is an answer, not an accident. */
    static final class NotJsonException extends Exception {
        private static final long serialVersionUID = 1L;

        NotJsonException() {
            super(null, null, false, false);
        }
    }

    /**
     * A field's name, compared by words instead of characters.
     *
     * @param length number of bytes
     * @param head the first eight bytes, or all if there are fewer
     * @param tail the last eight bytes, 0 if there are fewer: what lies between them in a name of over 16 is not told
     */
    record Name(int length, long head, long tail) {

        /**
         * Makes a name to be looked for.
         *
         * @param name at most 16 characters of ASCII
         */
        static Name of(String name) {
            byte[] bytes = name.getBytes(US_ASCII);
            if (bytes.length > 2 * Long.BYTES) {
                throw new IllegalArgumentException("a name to be looked for has at most 16 characters");
            }
            return of(bytes, 0, bytes.length);
        }

        private static Name of(byte[] text, int start, int end) {
            return new Name(end - start, head(text, start, end), tail(text, start, end));
        }

        private static long head(byte[] text, int start, int end) {
            if (end - start >= Long.BYTES) {
                return (long) EIGHT_BYTES.get(text, start);
            }
            long head = 0;
            for (int index = start; index < end; index++) {
                head = head << Byte.SIZE | (text[index] & 0xff);
            }
            return head;
        }

        private static long tail(byte[] text, int start, int end) {
            return end - start >= Long.BYTES ? (long) EIGHT_BYTES.get(text, end - Long.BYTES) : 0;
        }
    }

    /** Far more than an envelope has, and far less than a thread's stack can take. */
    private static final int MAXIMUM_DEPTH = 1_000;

    private static final byte[] TRUE = "true".getBytes(US_ASCII);
    private static final byte[] FALSE = "false".getBytes(US_ASCII);
    private static final byte[] NULL = "null".getBytes(US_ASCII);

    /** Stands behind the last byte; nowhere in JSON. */
    private static final byte END = 0;

    private static final VarHandle EIGHT_BYTES =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGHEST_BITS = ONES << 7;
    private static final long SPACES = ' ' * ONES;
    private static final long QUOTES = '"' * ONES;
    private static final long BACKSLASHES = '\\' * ONES;

    private final byte[] json;
    private final boolean embedded;

    /** Of the next token. */
    private int position;

    /** Of objects and arrays that were entered and not left. */
    private int depth;

    /** Nothing was read since the last opening bracket: no comma is due. */
    private boolean entered;

    /** The last string, or field's name: {@code text} from {@code textStart} to {@code textEnd}. */
    private byte[] text;

    private int textStart;
    private int textEnd;

    /** The last string, if it has escapes of code units: those need not make pairs, so that UTF-8 can not hold it. */
    private @Nullable String codeUnits;

    /** Room for the last string without its escapes. */
    private byte[] unescaped = {};

    /**
     * Stands before the value.
     *
     * @param json valid UTF-8
     */
    JsonReader(byte[] json) {
        this(json, 0, false);
    }

    private JsonReader(byte[] json, int start, boolean embedded) {
        this.json = json;
        this.text = json;
        this.embedded = embedded;
        this.position = token(start);
    }

    /**
     * Reads a string that holds JSON as it stands there, which spares to unescape it. That works if the embedded JSON
     * has no escapes of its own and is written in one line; else it seems not to be JSON.
     *
     * @return null, and nothing skipped, if the value is no string
     */
    @Nullable
    JsonReader embedded() {
        return !embedded && at(position) == '"' ? new JsonReader(json, position + 1, true) : null;
    }

    /** Moves on behind a string, if its embedded JSON was read to its end. */
    boolean skipEmbedded(JsonReader read) {
        if (at(read.position) != '"') {
            return false;
        }
        position = token(read.position + 1);
        return true;
    }

    /** Steps into an object; false if the value is none. */
    boolean enterObject() throws NotJsonException {
        return enter('{');
    }

    /** Steps into an array; false if the value is none. */
    boolean enterArray() throws NotJsonException {
        return enter('[');
    }

    private boolean enter(char bracket) throws NotJsonException {
        if (at(position) != bracket) {
            skip();
            return false;
        }
        open();
        return true;
    }

    private void open() throws NotJsonException {
        if (++depth > MAXIMUM_DEPTH) {
            throw new NotJsonException();
        }
        position = token(position + 1);
        entered = true;
    }

    /** Goes to the value of the object's next field; false, and out of the object, if there is none. */
    boolean nextField() throws NotJsonException {
        if (!next('}')) {
            return false;
        }
        int colon = token(string(position));
        position = token(behind(':', colon));
        return true;
    }

    /** Goes to the array's next element; false, and out of the array, if there is none. */
    boolean nextElement() throws NotJsonException {
        return next(']');
    }

    private boolean next(char closingBracket) throws NotJsonException {
        boolean first = entered;
        entered = false;
        if (at(position) == closingBracket) {
            position = token(position + 1);
            depth--;
            return false;
        }
        if (!first) {
            position = token(behind(',', position));
        }
        return true;
    }

    /** The field's name; to be asked before its value is read. */
    Name name() {
        return Name.of(text, textStart, textEnd);
    }

    /** The string, perhaps with half of a surrogate pair; null for any other value. */
    @Nullable
    String text() throws NotJsonException {
        if (!skipString()) {
            return null;
        }
        return codeUnits == null ? new String(text, textStart, textEnd - textStart, UTF_8) : codeUnits;
    }

    /** The string in UTF-8, a question mark for half of a surrogate pair; null for any other value. */
    byte @Nullable [] utf8() throws NotJsonException {
        return skipString() ? Arrays.copyOfRange(text, textStart, textEnd) : null;
    }

    private boolean skipString() throws NotJsonException {
        byte first = at(position);
        skip();
        return first == '"' || first == '\\';
    }

    /** The number, written as digits and nothing else, from 0 to 2<sup>63</sup> − 1; null for any other value. */
    @Nullable
    Long wholeNumber() throws NotJsonException {
        int start = position;
        skip();
        int end = start;
        long number = 0;
        while (isDigit(at(end))) {
            number = number * 10 + json[end++] - '0';
        }
        boolean fits = end - start < 19 || (end - start == 19 && number >= 0);
        boolean whole = end > start && at(end) != '.' && at(end) != 'e' && at(end) != 'E';
        return fits && whole ? number : null;
    }

    /** Moves on behind the value. */
    void skip() throws NotJsonException {
        switch (at(position)) {
            case '{' -> {
                open();
                while (nextField()) {
                    skip();
                }
            }
            case '[' -> {
                open();
                while (nextElement()) {
                    skip();
                }
            }
            case '"', '\\' -> position = token(string(position));
            case 't' -> position = token(literal(TRUE, position));
            case 'f' -> position = token(literal(FALSE, position));
            case 'n' -> position = token(literal(NULL, position));
            default -> position = token(number(position));
        }
    }

    /** Whether nothing stands behind the value. */
    boolean isAtEnd() {
        return position == json.length;
    }

    /** All below: from the index where something begins to the index behind it. */
    private int token(int start) {
        int index = start;
        while (isWhiteSpace(at(index))) {
            index++;
        }
        return index;
    }

    /** Inside of a string there are no line breaks and no tabs. */
    private boolean isWhiteSpace(byte character) {
        return character <= ' '
                && (character == ' ' || (!embedded && (character == '\n' || character == '\r' || character == '\t')));
    }

    private byte at(int index) {
        return index < json.length ? json[index] : END;
    }

    private int behind(char character, int index) throws NotJsonException {
        if (at(index) != character) {
            throw new NotJsonException();
        }
        return index + 1;
    }

    private int literal(byte[] literal, int start) throws NotJsonException {
        int end = start + literal.length;
        if (end > json.length || !Arrays.equals(json, start, end, literal, 0, literal.length)) {
            throw new NotJsonException();
        }
        return end;
    }

    private int number(int start) throws NotJsonException {
        int index = at(start) == '-' ? start + 1 : start;
        index = at(index) == '0' ? index + 1 : digits(index);
        if (at(index) == '.') {
            index = digits(index + 1);
        }
        if (at(index) == 'e' || at(index) == 'E') {
            byte sign = at(index + 1);
            index = digits(sign == '+' || sign == '-' ? index + 2 : index + 1);
        }
        return index;
    }

    private int digits(int start) throws NotJsonException {
        int index = start;
        while (isDigit(at(index))) {
            index++;
        }
        if (index == start) {
            throw new NotJsonException();
        }
        return index;
    }

    private static boolean isDigit(byte character) {
        return character >= '0' && character <= '9';
    }

    private int string(int start) throws NotJsonException {
        textStart = behindQuote(start);
        textEnd = plainText(textStart);
        text = json;
        codeUnits = null;
        int end = !embedded && at(textEnd) == '\\' ? escapedText(textStart, textEnd) : textEnd;
        return behindQuote(end);
    }

    private int behindQuote(int index) throws NotJsonException {
        return behind('"', embedded ? behind('\\', index) : index);
    }

    /** To the next quote, backslash or control character. */
    private int plainText(int start) {
        int index = start;
        while (index <= json.length - Long.BYTES) {
            long others = others((long) EIGHT_BYTES.get(json, index));
            if (others != 0) {
                return index + (Long.numberOfTrailingZeros(others) >> 3);
            }
            index += Long.BYTES;
        }
        while (index < json.length && isPlain(json[index])) {
            index++;
        }
        return index;
    }

    /**
     * Sets the highest bit of the first byte that is no plain text. A subtraction sets it where it borrows, from a byte
     * that is below a space, or equal to a quote or backslash; bytes behind the first one may be wrong, as they lent.
     */
    private static long others(long bytes) {
        long borrowed = (bytes - SPACES) | ((bytes ^ QUOTES) - ONES) | ((bytes ^ BACKSLASHES) - ONES);
        return borrowed & ~bytes & HIGHEST_BITS;
    }

    /** Bytes of characters beyond ASCII are negative. */
    private static boolean isPlain(byte character) {
        return character < 0 || (character >= ' ' && character != '"' && character != '\\');
    }

    /** From a string's first escape to its closing quote. */
    private int escapedText(int start, int firstEscape) throws NotJsonException {
        if (unescaped.length == 0) {
            unescaped = new byte[json.length];
        }
        boolean hasCodeUnits = false;
        int length = 0;
        int copied = start;
        int index = firstEscape;
        while (at(index) == '\\') {
            length += copy(copied, index, length);
            byte escape = at(index + 1);
            if (escape == 'u') {
                hasCodeUnits = true;
                copied = hexadecimal(index + 2);
            } else {
                unescaped[length++] = unescaped(escape);
                copied = index + 2;
            }
            index = plainText(copied);
        }
        length += copy(copied, index, length);
        if (hasCodeUnits) {
            codeUnits = unescaped(new String(json, start, index - start, UTF_8));
            text = codeUnits.getBytes(UTF_8);
            length = text.length;
        } else {
            text = unescaped;
        }
        textStart = 0;
        textEnd = length;
        return index;
    }

    private int copy(int start, int end, int to) {
        System.arraycopy(json, start, unescaped, to, end - start);
        return end - start;
    }

    private int hexadecimal(int start) throws NotJsonException {
        int end = start + 4;
        for (int index = start; index < end; index++) {
            if (!HexFormat.isHexDigit(at(index))) {
                throw new NotJsonException();
            }
        }
        return end;
    }

    private static byte unescaped(byte escape) throws NotJsonException {
        return switch (escape) {
            case '"', '\\', '/' -> escape;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default -> throw new NotJsonException();
        };
    }

    private static String unescaped(String escaped) throws NotJsonException {
        StringBuilder characters = new StringBuilder(escaped.length());
        int copied = 0;
        for (int index = escaped.indexOf('\\'); index >= 0; index = escaped.indexOf('\\', copied)) {
            characters.append(escaped, copied, index);
            char escape = escaped.charAt(index + 1);
            copied = index + 2;
            if (escape == 'u') {
                copied += 4;
                characters.append((char) HexFormat.fromHexDigits(escaped, copied - 4, copied));
            } else {
                characters.append((char) unescaped((byte) escape));
            }
        }
        return characters.append(escaped, copied, escaped.length()).toString();
    }
}
