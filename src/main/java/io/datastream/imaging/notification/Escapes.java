package io.datastream.imaging.notification;

import java.util.HexFormat;

/** The escapes in JSON's strings. */
final class Escapes {

    private static final int HEXADECIMAL_DIGITS = 4;

    private Escapes() {}

    /**
     * The index behind the escape whose backslash is at the index.
     *
     * @throws NotJsonException if it is none
     */
    static int behind(byte[] json, int backslash) throws NotJsonException {
        int kind = backslash + 1;
        if (kind == json.length) {
            throw new NotJsonException();
        }
        return switch (json[kind]) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> kind + 1;
            case 'u' -> behindHexadecimal(json, kind + 1);
            default -> throw new NotJsonException();
        };
    }

    private static int behindHexadecimal(byte[] json, int start) throws NotJsonException {
        int end = start + HEXADECIMAL_DIGITS;
        for (int index = start; index < end; index++) {
            if (index >= json.length || !HexFormat.isHexDigit(json[index])) {
                throw new NotJsonException();
            }
        }
        return end;
    }

    /** The text without its escapes, which {@link #behind} has seen. Half of a surrogate pair stays what it is. */
    static String undo(String escaped) {
        StringBuilder text = new StringBuilder(escaped.length());
        int copied = 0;
        for (int escape = escaped.indexOf('\\'); escape >= 0; escape = escaped.indexOf('\\', copied)) {
            text.append(escaped, copied, escape);
            char kind = escaped.charAt(escape + 1);
            copied = escape + 2;
            switch (kind) {
                case 'b' -> text.append('\b');
                case 'f' -> text.append('\f');
                case 'n' -> text.append('\n');
                case 'r' -> text.append('\r');
                case 't' -> text.append('\t');
                case 'u' -> {
                    int digits = copied;
                    copied += HEXADECIMAL_DIGITS;
                    text.append((char) HexFormat.fromHexDigits(escaped, digits, copied));
                }
                default -> text.append(kind);
            }
        }
        return text.append(escaped, copied, escaped.length()).toString();
    }
}
