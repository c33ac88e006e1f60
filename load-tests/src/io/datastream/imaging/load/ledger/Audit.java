package io.datastream.imaging.load.ledger;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.maxBy;
import static java.util.stream.Collectors.toList;
import static java.util.stream.Collectors.toSet;

import io.datastream.imaging.load.ledger.Ledger.Refused;
import io.datastream.imaging.load.ledger.Verdict.Kind;
import io.datastream.imaging.load.ledger.Verdict.Problem;
import io.datastream.imaging.metadata.ImageMetadataTable;
import io.datastream.imaging.metadata.RecordKey;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Compares the ledger with the table and the DLQ, when the queues are empty.
 *
 * @param bucketName what every record must say
 * @param clockTolerance how far S3's clock may be from the uploader's
 */
public record Audit(String bucketName, Duration clockTolerance) {

    /**
     * Judges a run.
     *
     * @param records everything in the table
     * @param deadLetterKeys the object key of each message in the DLQ; a message that names none is an empty text
     */
    public Verdict judge(Ledger ledger, Collection<StoredRecord> records, Collection<String> deadLetterKeys) {
        List<Upload> uploads = ledger.uploads();
        Map<RecordKey, StoredRecord> unexplained = new HashMap<>();
        records.forEach(record -> unexplained.put(record.key(), record));

        int recorded = 0;
        List<Problem> problems = new ArrayList<>();
        for (Upload upload : uploads) {
            StoredRecord record = unexplained.remove(upload.recordKey());
            if (record != null && isRight(record, upload)) {
                recorded++;
            } else if (record != null || !upload.isPoison()) {
                problems.add(problem(record == null ? Kind.LOST : Kind.WRONG, upload.recordKey()));
            }
        }
        staleKeys(uploads, records).forEach(key -> problems.add(problem(Kind.STALE, key)));
        Set<String> refused = ledger.refused().stream().map(Refused::objectKey).collect(toSet());
        unexplained.keySet().removeIf(key -> refused.contains(key.fileKey()));
        unexplained.keySet().forEach(key -> problems.add(problem(Kind.WRONG, key)));

        Set<String> keys = uploads.stream().map(Upload::objectKey).collect(toSet());
        Set<String> poison =
                uploads.stream().filter(Upload::isPoison).map(Upload::objectKey).collect(toSet());
        Set<String> missing = new HashSet<>(poison);
        deadLetterKeys.forEach(missing::remove);
        missing.forEach(key -> problems.add(new Problem(Kind.POISON_NOT_IN_DLQ, key, "")));
        deadLetterKeys.stream()
                .filter(key -> !poison.contains(key) && !refused.contains(key))
                .forEach(key -> problems.add(new Problem(Kind.WRONGLY_IN_DLQ, keys.contains(key) ? key : "", "")));
        return new Verdict(uploads.size(), recorded, poison.size(), poison.size() - missing.size(), problems);
    }

    private static Problem problem(Kind kind, RecordKey key) {
        return new Problem(kind, key.fileKey(), key.uploadId());
    }

    private boolean isRight(StoredRecord record, Upload upload) {
        return upload.patientId().isPresent()
                && record.text(ImageMetadataTable.PATIENT_ID)
                        .equals(upload.patientId().get())
                && record.text(ImageMetadataTable.BUCKET_NAME).equals(bucketName)
                && record.text(ImageMetadataTable.VERSION_ID).equals(upload.versionId())
                && record.text(ImageMetadataTable.E_TAG).equals(upload.eTag())
                && record.text(ImageMetadataTable.SEQUENCER).matches("[0-9A-Fa-f]{1,32}")
                && record.fileSize() == upload.size()
                && happenedDuring(record.text(ImageMetadataTable.UPLOAD_TIMESTAMP), upload);
    }

    private boolean happenedDuring(String uploadTimestamp, Upload upload) {
        try {
            Instant time = Instant.parse(uploadTimestamp);
            return time.isAfter(upload.started().minus(clockTolerance))
                    && time.isBefore(upload.acknowledged().plus(clockTolerance));
        } catch (DateTimeException unreadable) {
            return false;
        }
    }

    /**
     * Keys whose newest record is that of an upload which was over before another upload of the same key began. (Uploads
     * of a key at the same time have no order.)
     */
    private static List<RecordKey> staleKeys(List<Upload> uploads, Collection<StoredRecord> records) {
        Map<String, Optional<StoredRecord>> newestRecords = records.stream()
                .collect(
                        groupingBy(record -> record.key().fileKey(), maxBy(Comparator.comparing(StoredRecord::order))));
        Map<RecordKey, Upload> byRecord = new HashMap<>();
        uploads.forEach(upload -> byRecord.put(upload.recordKey(), upload));
        Map<String, List<Instant>> starts =
                uploads.stream().collect(groupingBy(Upload::objectKey, mapping(Upload::started, toList())));
        return newestRecords.values().stream()
                .map(newest -> byRecord.get(newest.orElseThrow().key()))
                .filter(newest -> newest != null
                        && starts.get(newest.objectKey()).stream().anyMatch(newest.acknowledged()::isBefore))
                .map(Upload::recordKey)
                .toList();
    }
}
