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
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;

/** Waits for the records of uploads: queries the table for each upload's own key in turn. */
final class RecordWatch implements AutoCloseable {
    /** An upload whose record is there. */
    interface Listener {
        void landed(UploadedObject upload, Map<String, AttributeValue> item, Duration uploadToRecord);
    }

    /** Between two rounds; a record is noticed later by this much at most, unless very many are awaited. */
    private static final long PAUSE_MILLIS = 20;
    /** Enough queries to keep up with a fast pipeline, few enough to leave the table time for the function's writes. */
    private static final int QUERIES_A_ROUND = 100;

    private final DynamoDbClient dynamoDb;
    private final String table;
    private final Listener listener;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<UploadedObject> awaited = new ArrayDeque<>();
    private long lastChange = System.nanoTime();
    private Optional<String> problem = Optional.empty();
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
     * Waits until every upload has its record, nothing has happened for so long, or the table turns out to be of
     * another shape.
     *
     * @return the uploads without a record
     */
    List<UploadedObject> awaitAll(Duration patience) throws InterruptedException {
        lock.lock();
        try {
            while (!awaited.isEmpty() && problem.isEmpty()) {
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

    /** Why the table cannot be searched for records, if DynamoDB refuses the query. */
    Optional<String> problem() {
        lock.lock();
        try {
            return problem;
        } finally {
            lock.unlock();
        }
    }

    private void watch() {
        lock.lock();
        try {
            while (!closed && problem.isEmpty()) {
                int queries = Math.min(awaited.size(), QUERIES_A_ROUND);
                for (int i = 0; i < queries; i++) {
                    lookUp(awaited.getFirst());
                }
                changed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /** Looks up the first of the awaited uploads. It stays the first without the lock: others are only added behind. */
    private void lookUp(UploadedObject upload) {
        lock.unlock();
        Optional<Map<String, AttributeValue>> found = Optional.empty();
        Optional<String> refused = Optional.empty();
        try {
            found = item(upload);
            found.ifPresent(item -> listener.landed(upload, item, Duration.between(upload.time(), Instant.now())));
        } catch (DynamoDbException e) {
            // Anything else is tried again in the next round.
            if (e.awsErrorDetails().errorCode().equals("ValidationException")) {
                refused = Optional.of("the table cannot be searched for records by " + ImageMetadataTable.FILE_KEY
                        + ": DynamoDB: " + e.awsErrorDetails().errorMessage());
            }
        } catch (SdkException | IllegalStateException e) {
            // Tried again; the latter is thrown by a client that the end of the run has closed.
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
        if (refused.isPresent()) {
            problem = refused;
            noteChange();
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
                .filter(item -> isOf(upload, item))
                .findFirst();
    }

    /** A record that an inventory gave has no sequencer, and one of a bucket without versioning no version ID. */
    private static boolean isOf(UploadedObject upload, Map<String, AttributeValue> item) {
        return upload.versionId()
                .map(versionId -> AttributeValue.fromS(versionId).equals(item.get(ImageMetadataTable.VERSION_ID)))
                .orElseGet(
                        () -> AttributeValue.fromS(upload.sequencer()).equals(item.get(ImageMetadataTable.SEQUENCER)));
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
