package io.datastream.imaging.notification;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.charset.CharacterCodingException;
import java.nio.charset.MalformedInputException;
import java.util.Arrays;

/** S3's object keys: strict UTF-8, at most 1,024 bytes, form-URL-encoded in S3 events (but not in EventBridge's). */
final class ObjectKey {

    static final int MAXIMUM_BYTES = 1_024;

    private ObjectKey() {}

    /**
     * Undoes the form-URL-encoding of S3 events, once: {@code +} is a space, {@code %} two hexadecimal digits of a byte.
     *
     * @throws CharacterCodingException for a broken escape or bytes that are not UTF-8
     */
    static String decode(String encoded) throws CharacterCodingException {
        byte[] bytes = utf8(encoded);
        if (encoded.indexOf('%') < 0 && encoded.indexOf('+') < 0) {
            return encoded;
        }
        int length = 0;
        for (int position = 0; position < bytes.length; position++) {
            byte decoded =
                    switch (bytes[position]) {
                        case '+' -> ' ';
                        case '%' -> escaped(bytes, position += 2);
                        default -> bytes[position];
                    };
            bytes[length++] = decoded;
        }
        String decoded = new String(bytes, 0, length, UTF_8);
        if (!Arrays.equals(decoded.getBytes(UTF_8), Arrays.copyOf(bytes, length))) {
            throw new MalformedInputException(1);
        }
        return decoded;
    }

    /**
     * The number of bytes of a key.
     *
     * @throws CharacterCodingException for half a surrogate pair
     */
    static int length(String key) throws CharacterCodingException {
        return utf8(key).length;
    }

    /** The byte whose escape ends at the position. */
    private static byte escaped(byte[] bytes, int position) throws MalformedInputException {
        if (position >= bytes.length || !isHexadecimal(bytes[position - 1]) || !isHexadecimal(bytes[position])) {
            throw new MalformedInputException(1);
        }
        return (byte) (Character.digit(bytes[position - 1], 16) << 4 | Character.digit(bytes[position], 16));
    }

    private static boolean isHexadecimal(byte digit) {
        return Character.digit(digit, 16) >= 0;
    }

    private static byte[] utf8(String text) throws MalformedInputException {
        byte[] bytes = text.getBytes(UTF_8);
        if (!new String(bytes, UTF_8).equals(text)) {
            throw new MalformedInputException(1);
        }
        return bytes;
    }
}
