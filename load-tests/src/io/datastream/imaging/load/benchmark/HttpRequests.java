package io.datastream.imaging.load.benchmark;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
        byte[] head = new byte[LONGEST_HEAD];
        int length = 0;
        while (!endsWithEmptyLine(head, length)) {
            int next = in.read();
            if (next < 0) {
                return false;
            }
            head[length++] = (byte) next;
        }
        Matcher body = LENGTH.matcher(new String(head, 0, length, StandardCharsets.ISO_8859_1));
        if (body.find()) {
            in.skipNBytes(Long.parseLong(body.group(1)));
        }
        return true;
    }

    private static boolean endsWithEmptyLine(byte[] head, int length) {
        return length >= 4
                && head[length - 4] == '\r'
                && head[length - 3] == '\n'
                && head[length - 2] == '\r'
                && head[length - 1] == '\n';
    }
}
