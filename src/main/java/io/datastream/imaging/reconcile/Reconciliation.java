package io.datastream.imaging.reconcile;

import io.datastream.imaging.metadata.ImageMetadata;
import io.datastream.imaging.metadata.MetadataExtractor;
import io.datastream.imaging.metadata.RecordKey;
import io.datastream.imaging.notification.ObjectCreated;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Compares rows with the table, and writes the missing records.
 *
 * <p>The rows are cut into groups that one BatchGetItem call can look up. Some groups are looked up side by side, on other
 * threads, while this thread reads on. Groups are settled in the order of their rows, so that one row number says what is
 * done. A group is settled when all its repairs are in the table; nothing of an unsettled group is counted.
 */
public final class Reconciliation {

    /** Calls at a time. At 10 ms a call they look up more rows a second than one thread can read. */
    static final int MAXIMUM_PARALLEL_CALLS = 16;

    /** With those that are not looked up, so that a group has an end. */
    private static final int ROWS_IN_A_GROUP = 10_000;

    public static final String DEADLINE = "deadline";

    /**
     * What a run may do.
     *
     * @param bucketName of the uploads
     * @param scope which rows must have a record
     * @param maximumRepairs of the whole run, 0 or more; 0 only reports
     * @param observer receives each row that was compared with the table, with its finding
     */
    public record Task(
            String bucketName, Scope scope, long maximumRepairs, BiConsumer<Finding, InventoryRow> observer) {}

    /**
     * How a run ended.
     *
     * @param settledRows number of rows that need not be looked at again
     * @param cause null if all rows are settled; else {@value #DEADLINE}, an error code of AWS or the name of a client
     *     exception
     */
    public record Result(long settledRows, @Nullable String cause) {}

    private final RecordTable table;
    private final MetadataExtractor extractor;
    private final Executor executor;
    private final Waiting waiting;

    /**
     * Makes a reconciliation.
     *
     * @param executor runs up to {@value #MAXIMUM_PARALLEL_CALLS} tasks at a time, and those of abandoned calls
     */
    public Reconciliation(RecordTable table, MetadataExtractor extractor, Executor executor, Waiting waiting) {
        this.table = table;
        this.extractor = extractor;
        this.executor = executor;
        this.waiting = waiting;
    }

    /**
     * Rows that are settled together.
     *
     * @param size the number of its rows
     * @param others the number of rows that need no record, by finding
     * @param comparison of the other rows with the table
     * @param refusal why no row after these can be read; null if the next one can be, or there is none
     */
    private record Group(
            int size,
            Tally others,
            FutureTask<List<Compared>> comparison,
            @Nullable RefusedInventoryException refusal) {}

    /**
     * A row that was compared with the table.
     *
     * @param record what a repair would write; null if there is nothing to write
     */
    private record Compared(InventoryRow row, Finding finding, @Nullable ImageMetadata record) {}

    /**
     * Reconciles rows until there are no more or no time is left.
     *
     * @param tally of the run so far, which counts for its maximum of repairs; what this call settles is added to it
     * @param timeLeft nothing is waited for once it is not positive
     * @throws RefusedInventoryException if a row is unreadable; the rows before it are settled
     */
    public Result run(Iterator<InventoryRow> rows, Task task, Tally tally, Supplier<Duration> timeLeft) {
        Deque<Group> groups = new ArrayDeque<>();
        boolean readable = true;
        long settled = 0;
        try {
            while (true) {
                while (readable && groups.size() < MAXIMUM_PARALLEL_CALLS && isLeft(timeLeft)) {
                    Group group = read(rows, task);
                    readable = group.size() > 0 && group.refusal() == null;
                    groups.add(group);
                }
                Group group = groups.peek();
                if (group == null) {
                    return new Result(settled, DEADLINE);
                }
                settle(group, task, tally, timeLeft);
                settled += group.size();
                if (group.refusal() != null) {
                    throw group.refusal();
                }
                if (group.size() == 0) {
                    return new Result(settled, null);
                }
                groups.remove();
            }
        } catch (TimeoutException noTimeLeft) {
            return new Result(settled, DEADLINE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Result(settled, DEADLINE);
        } catch (ExecutionException failed) {
            return new Result(settled, cause(failed.getCause()));
        } finally {
            // Interrupts what hangs: a virtual thread that is blocked in network I/O closes its socket.
            groups.forEach(group -> group.comparison().cancel(true));
        }
    }

    private Group read(Iterator<InventoryRow> rows, Task task) {
        List<InventoryRow> compared = new ArrayList<>(RecordTable.KEYS_IN_A_CALL);
        Tally others = new Tally();
        int size = 0;
        RefusedInventoryException refusal = null;
        try {
            while (compared.size() < RecordTable.KEYS_IN_A_CALL && size < ROWS_IN_A_GROUP && rows.hasNext()) {
                InventoryRow row = rows.next();
                Finding finding = task.scope().of(row);
                if (finding == Finding.RECORDED) {
                    compared.add(row);
                } else {
                    others.add(finding, 1);
                }
                size++;
            }
        } catch (RefusedInventoryException unreadable) {
            refusal = unreadable;
        }
        FutureTask<List<Compared>> comparison = new FutureTask<>(() -> compare(compared, task.bucketName()));
        executor.execute(comparison);
        return new Group(size, others, comparison, refusal);
    }

    private List<Compared> compare(List<InventoryRow> rows, String bucketName) throws InterruptedException {
        if (rows.isEmpty()) {
            return List.of();
        }
        List<Compared> compared = new ArrayList<>(rows.size());
        Map<RecordKey, InventoryRow> distinct = LinkedHashMap.newLinkedHashMap(rows.size());
        for (InventoryRow row : rows) {
            RecordKey key = new RecordKey(row.objectKey(), Objects.requireNonNull(row.versionId()));
            // BatchGetItem refuses the same key twice.
            if (distinct.putIfAbsent(key, row) != null) {
                compared.add(new Compared(row, Finding.OUT_OF_SCOPE, null));
            }
        }
        Map<RecordKey, RecordTable.Item> items = table.find(distinct.keySet());
        distinct.forEach((key, row) -> {
            RecordTable.Item item = items.get(key);
            if (item == null) {
                compared.add(missing(row, bucketName));
            } else if (table.isOwnRepair(item)) {
                compared.add(new Compared(row, Finding.REPAIRED, null));
            } else {
                compared.add(new Compared(row, item.matches(row) ? Finding.RECORDED : Finding.MISMATCHED, null));
            }
        });
        return compared;
    }

    private void settle(Group group, Task task, Tally tally, Supplier<Duration> timeLeft)
            throws InterruptedException, ExecutionException, TimeoutException {
        List<Compared> compared = waiting.await(group.comparison(), timeLeft.get());
        long ownRepairs = compared.stream()
                .filter(row -> row.finding() == Finding.REPAIRED)
                .count();
        long repairsLeft = task.maximumRepairs() - tally.of(Finding.REPAIRED) - ownRepairs;
        Set<ImageMetadata> repaired = repair(
                compared.stream()
                        .map(Compared::record)
                        .filter(Objects::nonNull)
                        .limit(Math.max(0, repairsLeft))
                        .toList(),
                timeLeft);
        tally.add(group.others());
        for (Compared row : compared) {
            boolean isRepaired = row.record() != null && repaired.contains(row.record());
            Finding finding = isRepaired ? Finding.REPAIRED : row.finding();
            tally.add(finding, 1);
            task.observer().accept(finding, row.row());
        }
    }

    private Compared missing(InventoryRow row, String bucketName) {
        ObjectCreated upload = new ObjectCreated(
                bucketName, row.objectKey(), row.size(), row.lastModified(), row.eTag(), row.versionId(), null);
        if (upload.isFolderMarker()) {
            return new Compared(row, Finding.OUT_OF_SCOPE, null);
        }
        return switch (extractor.extract(upload)) {
            case MetadataExtractor.Extraction.Extracted extracted ->
                new Compared(row, Finding.MISSING, extracted.metadata());
            case MetadataExtractor.Extraction.Rejected rejected -> new Compared(row, Finding.NO_PATIENT_ID, null);
        };
    }

    /** Returns the records that the table has now. One that DynamoDB refuses stays missing and stops no other. */
    private Set<ImageMetadata> repair(List<ImageMetadata> records, Supplier<Duration> timeLeft)
            throws InterruptedException, ExecutionException, TimeoutException {
        Set<ImageMetadata> repaired = ConcurrentHashMap.newKeySet();
        Queue<ImageMetadata> unwritten = new ConcurrentLinkedQueue<>(records);
        List<FutureTask<@Nullable Void>> workers = new ArrayList<>();
        try {
            for (int worker = 0; worker < Math.min(records.size(), MAXIMUM_PARALLEL_CALLS); worker++) {
                FutureTask<@Nullable Void> task = new FutureTask<>(() -> {
                    for (ImageMetadata next = unwritten.poll(); next != null; next = unwritten.poll()) {
                        if (table.repair(next)) {
                            repaired.add(next);
                        }
                    }
                    return null;
                });
                workers.add(task);
                executor.execute(task);
            }
            for (FutureTask<@Nullable Void> worker : workers) {
                waiting.await(worker, timeLeft.get());
            }
            return repaired;
        } finally {
            unwritten.clear();
            workers.forEach(worker -> worker.cancel(true));
        }
    }

    private static boolean isLeft(Supplier<Duration> timeLeft) {
        return timeLeft.get().isPositive();
    }

    private static String cause(@Nullable Throwable failure) {
        if (failure instanceof AwsServiceException answer
                && answer.awsErrorDetails() != null
                && answer.awsErrorDetails().errorCode() != null) {
            return answer.awsErrorDetails().errorCode();
        }
        if (failure instanceof SdkException) {
            return failure.getClass().getSimpleName();
        }
        // A class is missing, say, or the memory is used up: a bug, and no answer of AWS.
        throw new IllegalStateException("a call ended in an error", failure);
    }
}
