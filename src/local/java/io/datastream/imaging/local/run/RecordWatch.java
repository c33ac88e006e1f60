package io.datastream.imaging.local.run;

import io.datastream.imaging.local.UploadedObject;
import io.datastream.imaging.metadata.ImageMetadataTable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Waits for the records of uploads, by asking the table for each upload's own key in turn. */
final class RecordWatch implements AutoCloseable {
    /** An upload whose record is there. */
    interface Listener {
        void landed(UploadedObject upload, Map<String, AttributeValue> item, Duration uploadToRecord);
    }

    /** Between two rounds; a record is noticed later by this much at most, unless very many are awaited. */
    private static final long PAUSE_MILLIS = 20;
    /** Many enough to keep up with a fast pipeline, few enough to leave the table time for it. */
    private static final int QUESTIONS_A_ROUND = 100;

    private final DynamoDbClient dynamoDb;
    private final String table;
    private final Listener listener;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<UploadedObject> awaited = new ArrayDeque<>();
    private long lastChange = System.nanoTime();
    private boolean closed;

    RecordWatch(DynamoDbClient dynamoDb, String table, Listener listener) {
        this.dynamoDb = dynamoDb;
        this.table = table;
        this.listener = listener;
        Thread.ofVirtual().name("record-watch").start(this::watch);
    }

    void await(UploadedObject upload) {
        lock.lock();
        try {
            awaited.add(upload);
            noteChange();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until every upload has its record, or for so long nothing has happened.
     *
     * @return the uploads without a record
     */
    List<UploadedObject> awaitAll(Duration patience) throws InterruptedException {
        lock.lock();
        try {
            while (!awaited.isEmpty()) {
                long left = patience.toNanos() - (System.nanoTime() - lastChange);
                if (left <= 0) {
                    break;
                }
                changed.awaitNanos(left);
            }
            return List.copyOf(awaited);
        } finally {
            lock.unlock();
        }
    }

    private void watch() {
        lock.lock();
        try {
            while (!closed) {
                int questions = Math.min(awaited.size(), QUESTIONS_A_ROUND);
                for (int i = 0; i < questions; i++) {
                    ask(awaited.getFirst());
                }
                changed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /** Asks for the first of the awaited uploads. It stays the first while the lock is off: others only add behind. */
    private void ask(UploadedObject upload) {
        lock.unlock();
        Optional<Map<String, AttributeValue>> found = Optional.empty();
        try {
            found = item(upload);
            found.ifPresent(item -> listener.landed(upload, item, Duration.between(upload.time(), Instant.now())));
        } catch (SdkException e) {
            // It is asked again in the next round.
            found = Optional.empty();
        } finally {
            lock.lock();
        }
        awaited.removeFirst();
        if (found.isPresent()) {
            noteChange();
        } else {
            awaited.addLast(upload);
        }
    }

    private Optional<Map<String, AttributeValue>> item(UploadedObject upload) {
        return dynamoDb
                .query(request -> request.tableName(table)
                        .consistentRead(true)
                        .keyConditionExpression("#key = :key")
                        .expressionAttributeNames(Map.of("#key", ImageMetadataTable.FILE_KEY))
                        .expressionAttributeValues(Map.of(":key", AttributeValue.fromS(upload.key()))))
                .items()
                .stream()
                .filter(item -> AttributeValue.fromS(upload.sequencer()).equals(item.get(ImageMetadataTable.SEQUENCER)))
                .findFirst();
    }

    private void noteChange() {
        lastChange = System.nanoTime();
        changed.signalAll();
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
