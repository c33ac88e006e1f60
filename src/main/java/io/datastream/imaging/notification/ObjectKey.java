package io.datastream.imaging.notification;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.MalformedInputException;
import java.util.HexFormat;

/**
 * S3's object keys: strict UTF-8, at most 1,024 bytes, form-URL-encoded in S3 events and in S3 Inventory (but not in
 * EventBridge's events).
 */
public final class ObjectKey {

    private static final int MAXIMUM_BYTES = 1_024;

    private ObjectKey() {}

    /**
     * Decodes the form-URL-encoding of S3 events, once: {@code +} is a space, {@code %} and two hexadecimal digits are a
     * byte. {@link java.net.URLDecoder} would replace bytes that are not UTF-8, and two keys could become one.
     *
     * @param encoded as in an S3 event
     * @return the key
     * @throws CharacterCodingException for a broken escape or bytes that are not UTF-8
     */
    public static String decode(String encoded) throws CharacterCodingException {
        // Most keys have no escape.
        if (encoded.indexOf('%') < 0 && isUnicode(encoded)) {
            return encoded.replace('+', ' ');
        }
        ByteBuffer bytes = UTF_8.newEncoder().encode(CharBuffer.wrap(encoded));
        ByteBuffer decoded = ByteBuffer.allocate(bytes.remaining());
        while (bytes.hasRemaining()) {
            byte next = bytes.get();
            decoded.put(
                    switch (next) {
                        case '+' -> (byte) ' ';
                        case '%' -> escaped(bytes);
                        default -> next;
                    });
        }
        return UTF_8.newDecoder().decode(decoded.flip()).toString();
    }

    private static byte escaped(ByteBuffer bytes) throws MalformedInputException {
        int high = bytes.hasRemaining() ? bytes.get() : -1;
        int low = bytes.hasRemaining() ? bytes.get() : -1;
        if (!HexFormat.isHexDigit(high) || !HexFormat.isHexDigit(low)) {
            throw new MalformedInputException(1);
        }
        return (byte) (HexFormat.fromHexDigit(high) << 4 | HexFormat.fromHexDigit(low));
    }

    /** Whether a text can be encoded: it has no half of a surrogate pair. */
    static boolean isUnicode(String key) {
        return new String(key.getBytes(UTF_8), UTF_8).equals(key);
    }

    /** Whether a decoded key is longer than S3 allows. */
    public static boolean isTooLong(String key) {
        return key.getBytes(UTF_8).length > MAXIMUM_BYTES;
    }
}
