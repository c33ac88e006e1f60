package io.datastream.imaging.load.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Remembers every upload. For any number of threads.
 *
 * <p>An upload without a response may or may not have been stored: both are accepted.
 */
public final class Ledger {

    private final ConcurrentLinkedQueue<Upload> uploads = new ConcurrentLinkedQueue<>();
    private final Set<String> unconfirmedKeys = ConcurrentHashMap.newKeySet();

    public void acknowledged(Upload upload) {
        uploads.add(upload);
    }

    /** S3 answered with an error, or not at all. */
    public void unconfirmed(String objectKey) {
        unconfirmedKeys.add(objectKey);
    }

    /** The acknowledged uploads so far. */
    public List<Upload> uploads() {
        return new ArrayList<>(uploads);
    }

    /** The keys of uploads without a good answer. */
    public Set<String> unconfirmedKeys() {
        return Set.copyOf(unconfirmedKeys);
    }
}
