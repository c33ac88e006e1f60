package io.datastream.imaging.notification;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
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

    /** Far more than an envelope has, and far less than a thread's stack can take. */
    private static final int MAXIMUM_DEPTH = 1_000;

    private static final byte[] TRUE = "true".getBytes(US_ASCII);
    private static final byte[] FALSE = "false".getBytes(US_ASCII);
    private static final byte[] NULL = "null".getBytes(US_ASCII);

    /** Stands behind the last byte; nowhere in JSON. */
    private static final byte END = 0;

    private final byte[] json;
    private final boolean embedded;

    /** Of the next token. */
    private int position;

    /** Of objects and arrays that were entered and not left. */
    private int depth;

    /** Nothing was read since the last opening bracket: no comma is due. */
    private boolean entered;

    /** The last string, or field's name, as it stands between its quotes. */
    private int textStart;

    private int textEnd;
    private boolean textIsEscaped;

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
        this.embedded = embedded;
        this.position = token(start);
    }

    /**
     * A reader of the JSON inside of a string, as it stands there: its quotes are escaped, and it has to be free of other
     * escapes and line breaks, else it seems not to be JSON.
     *
     * @return null if the value is no string; this reader stands before the value still
     */
    @Nullable
    JsonReader embedded() {
        return !embedded && at(position) == '"' ? new JsonReader(json, position + 1, true) : null;
    }

    /** Moves on behind the string, if its embedded JSON was read to its end; false, and nothing moved, if not. */
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

    /** Which of these fields this one is; to be asked before its value is read. */
    <F> F field(FieldNames<F> names) {
        if (textIsEscaped) {
            byte[] name = lastText().getBytes(UTF_8);
            return names.find(name, 0, name.length);
        }
        return names.find(json, textStart, textEnd);
    }

    /** The string, perhaps with half of a surrogate pair; null for any other value. */
    @Nullable
    String text() throws NotJsonException {
        byte first = at(position);
        skip();
        return first == '"' || first == '\\' ? lastText() : null;
    }

    private String lastText() {
        String text = new String(json, textStart, textEnd - textStart, UTF_8);
        return textIsEscaped ? Escapes.undo(text) : text;
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

    // From here on: from the index where something begins to the index behind it.

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
        textIsEscaped = false;
        int end = EightBytes.endOfPlainText(json, textStart);
        while (!embedded && at(end) == '\\') {
            textIsEscaped = true;
            end = EightBytes.endOfPlainText(json, Escapes.behind(json, end));
        }
        textEnd = end;
        return behindQuote(end);
    }

    private int behindQuote(int index) throws NotJsonException {
        return behind('"', embedded ? behind('\\', index) : index);
    }
}
