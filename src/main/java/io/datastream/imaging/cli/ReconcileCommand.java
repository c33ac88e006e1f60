package io.datastream.imaging.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.datastream.imaging.metadata.MetadataExtractor;
import io.datastream.imaging.reconcile.Finding;
import io.datastream.imaging.reconcile.InventoryBucket;
import io.datastream.imaging.reconcile.InventoryFolder;
import io.datastream.imaging.reconcile.InventoryRow;
import io.datastream.imaging.reconcile.Manifest;
import io.datastream.imaging.reconcile.Orphans;
import io.datastream.imaging.reconcile.Reconciliation;
import io.datastream.imaging.reconcile.RecordTable;
import io.datastream.imaging.reconcile.RowReader;
import io.datastream.imaging.reconcile.Scope;
import io.datastream.imaging.reconcile.Tally;
import io.datastream.imaging.reconcile.VersionListing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.s3.S3Client;

/** {@code imaging reconcile}. */
@Command(
        name = "reconcile",
        description = {
            "Compares the objects of the bucket with the table: the newest inventory, a given one, or a listing.%n",
            "An object whose upload has no record is missing. With --repair its record is written, but never over one"
                    + " that is there. Exit code 0: all are there.%n"
        })
final class ReconcileCommand extends PipelineCommand {

    private static final int MOST_LISTED = 1_000;

    /** 50,000 versions: the position is saved every few seconds. */
    private static final int PAGES_AT_A_TIME = 50;

    private static final Duration A_DAY = Duration.ofDays(1);

    @Option(names = "--manifest", paramLabel = "URL", description = "s3://BUCKET/…/manifest.json of another inventory.")
    private @Nullable String manifest;

    @Option(names = "--list", description = "List the versions of all objects now, instead of reading an inventory.")
    private boolean list;

    @Option(
            names = "--key-prefix",
            paramLabel = "PREFIX",
            description = "With --list: only keys that begin with PREFIX.")
    private @Nullable String keyPrefix;

    @Option(
            names = "--position",
            paramLabel = "FILE",
            description = "With --list: keep the position in FILE (which contains a key), and go on there next time.")
    private @Nullable Path positionFile;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            converter = DrainCommand.Time.class,
            description = "Only objects stored at this time or later, such as 2026-11-23T09:30:00Z.")
    private @Nullable Instant since;

    @Option(
            names = "--cut-off",
            paramLabel = "AGE",
            converter = DrainCommand.Age.class,
            description =
                    "Only objects stored so long before the inventory or listing began, such as 2h, as messages may be on their way (default: that of the stack, or 2h).")
    private @Nullable Duration cutOff;

    @Option(names = "--repair", description = "Write the missing records.")
    private boolean repair;

    @Option(names = "--rate", paramLabel = "N", description = "With --repair: write at most N records a second.")
    private @Nullable Double rate;

    @Option(
            names = "--orphans",
            description = "Count the records whose object is gone, too. This reads the whole table.")
    private boolean countOrphans;

    @Option(
            names = "--reveal",
            description = "Print the keys, too, of the objects without a good record (the first 1,000 are listed).")
    private boolean reveal;

    @Option(
            names = "--bucket",
            paramLabel = "NAME",
            description = "Bucket of the uploads, if it is not that of the stack.")
    private @Nullable String bucket;

    @Option(names = "--table", paramLabel = "NAME", description = "Table, if it is not that of the stack.")
    private @Nullable String table;

    @Option(
            names = "--pattern",
            paramLabel = "REGEX",
            description = "Patient ID pattern, if it is not that of the deployed function.")
    private @Nullable String pattern;

    @Option(
            names = "--suffixes",
            paramLabel = "LIST",
            split = ",",
            description = "Suffixes of the keys that have records (default: those of the stack, or .dcm,.DCM).")
    private @Nullable List<String> suffixes;

    private final AtomicLong rows = new AtomicLong();
    private volatile long allBytes;
    private volatile LongSupplier bytes = () -> 0;
    private final Tally tally = new Tally();
    private final Orphans objects = new Orphans();
    private final List<Listed> listed = new ArrayList<>();

    /** The JSON of this command. Missing is what is still missing. A count of records without object only with --orphans. */
    record Reconciled(
            String source,
            boolean complete,
            long rows,
            long recorded,
            long repaired,
            long missing,
            long mismatched,
            long noPatientId,
            long unsupported,
            long tooRecent,
            long outOfScope,
            @Nullable Long orphans,
            List<Listed> listed) {}

    /** An object without a good record. Its key only with --reveal. */
    record Listed(String finding, @Nullable String key, @Nullable String versionId, long size, String lastModified) {}

    @Override
    Class<? extends Record> resultType() {
        return Reconciled.class;
    }

    @Override
    Result run() throws Exception {
        checkOptions();
        String bucketName = given(bucket, "--bucket NAME", "BucketName");
        String tableName = given(table, "--table NAME", DeployedStack.TABLE_NAME);
        MetadataExtractor extractor = new MetadataExtractor(pattern(pattern));
        DynamoDbClient dynamoDb = clients()
                .configured(DynamoDbClient.builder(), "DynamoDB", RecordTable.retries())
                .build();
        S3Client s3 = clients()
                .configured(S3Client.builder(), "S3", RecordTable.retries())
                .build();
        Reconciliation reconciliation = new Reconciliation(
                new RecordTable(
                        dynamoDb, tableName, null, rate == null ? Double.POSITIVE_INFINITY : rate, Thread::sleep),
                extractor,
                Thread.ofVirtual()::start,
                Thread::sleep);
        InventoryBucket inventories = new InventoryBucket(s3, Path.of(System.getProperty("java.io.tmpdir")));
        @Nullable InventoryFolder inventory = list ? null : inventory(inventories, bucketName);
        Instant scanTime = inventory == null ? clock().instant() : inventory.scanTime();
        Scope scope = new Scope(suffixes(), since == null ? Instant.MIN : since, scanTime.minus(cutOff()));
        Reconciliation.Task task =
                new Reconciliation.Task(bucketName, scope, repair ? Long.MAX_VALUE : 0, this::observe);
        @Nullable
        String cause = withProgress(
                "compared",
                rows::get,
                this::aboutAllRows,
                () -> inventory == null
                        ? compareListing(reconciliation, task, s3, bucketName)
                        : compareInventory(reconciliation, task, inventories, inventory));
        @Nullable
        Long orphans = countOrphans && cause == null
                ? withProgress(
                        "compared",
                        rows::get,
                        () -> 0,
                        () -> objects.count(dynamoDb, tableName, keyPrefix, scanTime, cancellation::isCancelled))
                : null;
        String source = inventory == null
                ? "a listing of " + bucketName + ", " + scanTime
                : "the inventory " + inventory.name();
        return result(source, cause, orphans);
    }

    private void checkOptions() {
        if (manifest != null && list) {
            throw new OperatorException("give --manifest or --list, not both");
        }
        if (!list && (keyPrefix != null || positionFile != null)) {
            throw new OperatorException("--key-prefix and --position need --list");
        }
        if (countOrphans && positionFile != null) {
            throw new OperatorException("--orphans needs a whole listing: leave --position away");
        }
        if (rate != null && !(repair && rate > 0)) {
            throw new OperatorException("--rate needs --repair, and is above 0");
        }
    }

    private InventoryFolder inventory(InventoryBucket inventories, String bucketName) throws IOException {
        if (manifest != null) {
            if (!manifest.matches("s3://[^/]+/.+/manifest\\.(json|checksum)")) {
                throw new OperatorException("--manifest is s3://BUCKET/…/manifest.json");
            }
            String path = manifest.substring("s3://".length());
            return InventoryFolder.of(path.substring(0, path.indexOf('/')), path.substring(path.indexOf('/') + 1));
        }
        String inventoryBucket = given(null, "--manifest URL, or --list", "InventoryBucketName");
        return inventories
                .newest(inventoryBucket, bucketName)
                .orElseThrow(() -> new OperatorException("there is no inventory of " + bucketName + " yet in "
                        + inventoryBucket + ": S3 writes the first one within 48 hours. --list compares now"));
    }

    private List<String> suffixes() throws IOException {
        if (suffixes != null) {
            return suffixes;
        }
        return List.of(stack().flatMap(known -> known.output("KeySuffixes"))
                .orElse(".dcm,.DCM")
                .split(","));
    }

    private Duration cutOff() throws IOException {
        if (cutOff != null) {
            return cutOff;
        }
        return Duration.ofSeconds(Long.parseLong(
                stack().flatMap(known -> known.output("ReconcileCutOffSeconds")).orElse("7200")));
    }

    private @Nullable String compareInventory(
            Reconciliation reconciliation,
            Reconciliation.Task task,
            InventoryBucket inventories,
            InventoryFolder inventory) {
        Manifest content = inventories.manifest(inventory, task.bucketName());
        allBytes = content.files().stream().mapToLong(Manifest.DataFile::size).sum();
        long bytesOfFormerFiles = 0;
        for (Manifest.DataFile file : content.files()) {
            try (RowReader reader = inventories.open(inventory, content, file)) {
                long before = bytesOfFormerFiles;
                bytes = () -> before + reader.bytesRead();
                @Nullable String cause = compare(reconciliation, task, reader);
                if (cause != null) {
                    return cause;
                }
            }
            bytesOfFormerFiles += file.size();
        }
        return null;
    }

    /** An inventory does not say how many rows it has: as many for each byte as so far. 0 for a listing. */
    private long aboutAllRows() {
        long read = bytes.getAsLong();
        return read == 0 ? 0 : Math.round((double) rows.get() * allBytes / read);
    }

    private @Nullable String compareListing(
            Reconciliation reconciliation, Reconciliation.Task task, S3Client s3, String bucketName)
            throws IOException {
        VersionListing listing = new VersionListing(s3, bucketName, keyPrefix, savedPosition());
        while (!listing.isAtEnd()) {
            @Nullable String cause = compare(reconciliation, task, listing.pages(PAGES_AT_A_TIME));
            if (cause != null) {
                return cause;
            }
            savePosition(listing.position());
        }
        return null;
    }

    private @Nullable String compare(
            Reconciliation reconciliation, Reconciliation.Task task, Iterator<InventoryRow> source) {
        Iterator<InventoryRow> counted = new Iterator<>() {
            @Override
            public boolean hasNext() {
                return source.hasNext();
            }

            @Override
            public InventoryRow next() {
                InventoryRow row = source.next();
                rows.incrementAndGet();
                if (countOrphans) {
                    objects.add(row);
                }
                return row;
            }
        };
        return reconciliation
                .run(counted, task, tally, () -> cancellation.isCancelled() ? Duration.ZERO : A_DAY)
                .cause();
    }

    private void observe(Finding finding, InventoryRow row) {
        boolean isGood =
                switch (finding) {
                    case RECORDED, OUT_OF_SCOPE, TOO_RECENT, REPAIRED -> true;
                    case MISSING, MISMATCHED, NO_PATIENT_ID, UNSUPPORTED -> false;
                };
        if (!isGood && listed.size() < MOST_LISTED) {
            listed.add(new Listed(
                    finding.label(),
                    reveal ? row.objectKey() : null,
                    row.versionId(),
                    row.size(),
                    row.lastModified().toString()));
        }
    }

    private VersionListing.@Nullable Position savedPosition() throws IOException {
        return positionFile == null || !Files.exists(positionFile)
                ? null
                : new JsonMapper().readValue(positionFile.toFile(), VersionListing.Position.class);
    }

    /** A file that only this user can read, since it contains a key. At the end of the listing it is deleted. */
    private void savePosition(VersionListing.@Nullable Position position) throws IOException {
        if (positionFile == null) {
            return;
        }
        if (position == null) {
            Files.deleteIfExists(positionFile);
            return;
        }
        Path next = Files.createTempFile(
                Objects.requireNonNull(positionFile.toAbsolutePath().getParent()),
                "position",
                ".partial",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        new JsonMapper().writeValue(next.toFile(), position);
        Files.move(next, positionFile, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private Result result(String source, @Nullable String cause, @Nullable Long orphans) {
        Reconciled reconciled = new Reconciled(
                source,
                cause == null,
                tally.read(),
                tally.of(Finding.RECORDED),
                tally.of(Finding.REPAIRED),
                tally.of(Finding.MISSING),
                tally.of(Finding.MISMATCHED),
                tally.of(Finding.NO_PATIENT_ID),
                tally.of(Finding.UNSUPPORTED),
                tally.of(Finding.TOO_RECENT),
                tally.of(Finding.OUT_OF_SCOPE),
                orphans,
                List.copyOf(listed));
        List<String> lines = new ArrayList<>();
        lines.add(text("%,d rows of %s:", reconciled.rows(), source));
        for (Finding finding : Finding.values()) {
            if (tally.of(finding) > 0 || finding == Finding.RECORDED || finding == Finding.MISSING) {
                lines.add(text("%,12d  %s", tally.of(finding), finding.label()));
            }
        }
        if (orphans != null) {
            lines.add(text("%,12d  records without object", orphans));
        }
        for (Listed object : listed) {
            lines.add(text(
                    "%s  version %s, %,d bytes, %s%s",
                    object.finding(),
                    String.valueOf(object.versionId()),
                    object.size(),
                    object.lastModified(),
                    object.key() == null ? "" : "  " + object.key()));
        }
        return new Result(reconciled, lines, problems(cause));
    }

    private List<String> problems(@Nullable String cause) {
        List<String> problems = new ArrayList<>();
        if (cause != null) {
            problems.add("stopped before the end ("
                    + (cause.equals(Reconciliation.DEADLINE) ? "cancelled" : cause)
                    + "): run the command again; what is repaired stays repaired");
        }
        add(problems, Finding.MISSING, "uploads have no record: --repair writes them, --reveal lists them");
        add(problems, Finding.MISMATCHED, "records have another size or eTag than the object: --reveal lists them");
        add(problems, Finding.NO_PATIENT_ID, "objects have no patient ID in their file name, and no record");
        add(problems, Finding.UNSUPPORTED, "objects have no version ID: they are not compared");
        return problems;
    }

    private void add(List<String> problems, Finding finding, String text) {
        if (tally.of(finding) > 0) {
            problems.add(text("%,d %s", tally.of(finding), text));
        }
    }
}
