package io.datastream.imaging.notification;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.charset.CharacterCodingException;
import java.nio.charset.MalformedInputException;
import java.util.Arrays;

/** S3's object keys: strict UTF-8, at most 1,024 bytes, form-URL-encoded in S3 events (but not in EventBridge's). */
final class ObjectKey {

    private static final int MAXIMUM_BYTES = 1_024;
    private static final int MOST_BYTES_OF_A_CHARACTER = 3;

    private ObjectKey() {}

    /**
     * Undoes the form-URL-encoding of S3 events, once: {@code +} is a space, {@code %} two hexadecimal digits of a byte.
     *
     * @throws CharacterCodingException for a broken escape or bytes that are not UTF-8
     */
    static String decode(String encoded) throws CharacterCodingException {
        if (encoded.indexOf('%') < 0 && encoded.indexOf('+') < 0) {
            return verified(encoded);
        }
        byte[] bytes = verified(encoded).getBytes(UTF_8);
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
     * The key itself.
     *
     * @throws CharacterCodingException for half a surrogate pair
     */
    static String verified(String key) throws CharacterCodingException {
        if (!new String(key.getBytes(UTF_8), UTF_8).equals(key)) {
            throw new MalformedInputException(1);
        }
        return key;
    }

    /** Whether a key is longer than S3's. */
    static boolean isTooLong(String key) {
        return key.length() > MAXIMUM_BYTES / MOST_BYTES_OF_A_CHARACTER && key.getBytes(UTF_8).length > MAXIMUM_BYTES;
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
}
