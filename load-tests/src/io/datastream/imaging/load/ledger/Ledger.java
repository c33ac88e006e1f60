package io.datastream.imaging.load.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Remembers every upload. For any number of threads.
 *
 * <p>An upload without a response may or may not have been stored: both are accepted.
 */
public final class Ledger {

    /**
     * An upload that S3 has not acknowledged.
     *
     * @param error the status code, or that there was no response
     */
    public record Refused(String objectKey, String error) {}

    private final ConcurrentLinkedQueue<Upload> uploads = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Refused> refused = new ConcurrentLinkedQueue<>();

    public void acknowledged(Upload upload) {
        uploads.add(upload);
    }

    /** S3 answered with an error, or not at all. */
    public void refused(String objectKey, String error) {
        refused.add(new Refused(objectKey, error));
    }

    /** The acknowledged uploads so far. */
    public List<Upload> uploads() {
        return new ArrayList<>(uploads);
    }

    /** The uploads that S3 has not acknowledged so far. */
    public List<Refused> refused() {
        return new ArrayList<>(refused);
    }
}
