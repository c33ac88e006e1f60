package io.datastream.imaging.load.benchmark;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads as much of HTTP/1.1 as a stub of DynamoDB needs. The SDK sends each request with its length. */
final class HttpRequests {

    private static final Pattern LENGTH =
            Pattern.compile("\r\ncontent-length: *([0-9]+)\r\n", Pattern.CASE_INSENSITIVE);
    private static final int LONGEST_HEAD = 16_384;

    private HttpRequests() {}

    /**
     * Reads one request to its end and drops it.
     *
     * @param in buffered
     * @return false at the end of the connection
     */
    static boolean skip(InputStream in) throws IOException {
        long length = lengthOfBody(in);
        in.skipNBytes(Math.max(0, length));
        return length >= 0;
    }

    /**
     * Reads one request to its end.
     *
     * @param in buffered
     * @return the body; null at the end of the connection
     */
    static byte @Nullable [] body(InputStream in) throws IOException {
        long length = lengthOfBody(in);
        return length < 0 ? null : in.readNBytes((int) length);
    }

    /** Reads the head of a request; returns -1 at the end of the connection. */
    private static long lengthOfBody(InputStream in) throws IOException {
        byte[] head = new byte[LONGEST_HEAD];
        int length = 0;
        while (!endsWithEmptyLine(head, length)) {
            int next = in.read();
            if (next < 0) {
                return -1;
            }
            head[length++] = (byte) next;
        }
        Matcher body = LENGTH.matcher(new String(head, 0, length, StandardCharsets.ISO_8859_1));
        return body.find() ? Long.parseLong(body.group(1)) : 0;
    }

    private static boolean endsWithEmptyLine(byte[] head, int length) {
        return length >= 4
                && head[length - 4] == '\r'
                && head[length - 3] == '\n'
                && head[length - 2] == '\r'
                && head[length - 1] == '\n';
    }
}
