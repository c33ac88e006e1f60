package io.datastream.imaging.load.benchmark;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.datastream.imaging.load.Options;
import io.datastream.imaging.load.benchmark.ReconcileVariant.Approach;
import io.datastream.imaging.load.report.Machine;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/**
 * What the reconciliation of a data file costs, beside reading the file and beside the calls alone: rows a second, memory
 * of a function of {@value #MEMORY_SIZE} MB, dollars a million objects. Each approach runs in a JVM of its own, and all of
 * it once with the processor share that Lambda gives to such a function.
 */
public final class Reconcile {

    static final String UPLOADS = "uploads";
    static final String INVENTORIES = "inventories";
    static final String FOLDER = "uploads/daily/2026-11-27T01-00Z/";
    static final String DATA_FILE = "uploads/daily/data/0.csv.gz";

    private static final int MEMORY_SIZE = 512;

    /** Megabytes of heap that the local cloud, too, gives to such a function. */
    private static final int HEAP = 435;

    private static final int[] DELAYS = {0, 5, 10};
    private static final Path REPORT = Path.of("target/load-tests/reconcile");

    /** US dollars, list prices of us-east-1; they change, so check them. A read unit reads two items of up to 4 kB. */
    private static final double GIGABYTE_SECOND = 0.0000166667;

    private static final double MILLION_READ_UNITS = 0.125;
    private static final double MILLION_OBJECTS_LISTED = 0.0025;

    private record Row(Approach approach, int delay, boolean limited, long wallMillis, long cpuMillis, long peak) {}

    private Reconcile() {}

    static int rows() {
        return Options.positive("rows", 1_000_000);
    }

    static String notification() {
        return """
                {"Records":[{"eventVersion":"2.1","eventTime":"2026-11-27T03:12:00.000Z","eventName":"ObjectCreated:Put",\
                "s3":{"bucket":{"name":"%s"},"object":{"key":"%smanifest.checksum","size":33}}}]}"""
                .formatted(INVENTORIES, FOLDER);
    }

    /** Options: {@code -Drows}, 1,000,000 if absent. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        int rows = Options.readOrExit(Reconcile::rows);
        Path folder = Files.createDirectories(REPORT.resolve("inventory"));
        long bytes = writeInventory(folder, rows);
        ServerCertificate certificate = ServerCertificate.create();
        List<Row> results = new ArrayList<>();
        for (Approach approach : List.of(Approach.LINES, Approach.ROWS, Approach.FUNCTION_IN_MEMORY)) {
            results.add(measure(approach, 0, false, folder, certificate));
        }
        for (int delay : DELAYS) {
            results.add(measure(Approach.CALLS, delay, false, folder, certificate));
            results.add(measure(Approach.FUNCTION, delay, false, folder, certificate));
        }
        if (CpuLimit.available()) {
            for (Approach approach : List.of(Approach.LINES, Approach.FUNCTION)) {
                results.add(measure(approach, DELAYS[1], true, folder, certificate));
            }
        }
        String report = report(results, rows, bytes);
        Files.createDirectories(REPORT);
        Files.writeString(REPORT.resolve("reconcile.md"), report);
        System.out.println(report);
    }

    private static Row measure(
            Approach approach, int delay, boolean limited, Path folder, ServerCertificate certificate)
            throws IOException, InterruptedException {
        System.err.printf("%s, %d ms%s%n", approach, delay, limited ? ", processor limited" : "");
        try (BatchGetItemStub dynamoDb = new BatchGetItemStub(certificate, Duration.ofMillis(delay))) {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(List.of(certificate.trustOptions().split(" ")));
            command.addAll(List.of(
                    "-Xmx" + HEAP + "m",
                    "-XX:+UseSerialGC",
                    "-Drows=" + rows(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    ReconcileVariant.class.getName(),
                    approach.name(),
                    folder.toString(),
                    dynamoDb.endpoint().toString()));
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try (BufferedReader out = process.inputReader(UTF_8);
                    BufferedWriter in = process.outputWriter(UTF_8);
                    CpuLimit limit = limited ? limit(process, out) : null) {
                if (limit == null && !"warm".equals(out.readLine())) {
                    throw new IllegalStateException(approach + " has failed");
                }
                in.write("\n");
                in.flush();
                String[] numbers = String.valueOf(out.readLine()).split(" ");
                System.err.printf("  %s ms wall, %s ms CPU, %s MB%n", (Object[]) numbers);
                return new Row(
                        approach,
                        delay,
                        limited,
                        Long.parseLong(numbers[0]),
                        Long.parseLong(numbers[1]),
                        Long.parseLong(numbers[2]));
            } finally {
                process.destroy();
                process.waitFor();
            }
        }
    }

    private static CpuLimit limit(Process process, BufferedReader out) throws IOException {
        if (!"warm".equals(out.readLine())) {
            throw new IllegalStateException("a variant has failed");
        }
        return CpuLimit.of(process.pid(), MEMORY_SIZE);
    }

    private static String report(List<Row> results, int rows, long bytes) {
        StringBuilder text = new StringBuilder(Machine.here().text())
                .append(String.format(
                        Locale.ROOT,
                        "%n%nA data file of %,d rows, %,d MB compressed; -Xmx%dm.%n%n",
                        rows,
                        bytes / 1_000_000,
                        HEAP))
                .append(
                        """
                        | approach | answer after | processors | rows/s | of the lines | CPU µs a row | peak MB |
                        |---|---|---|---|---|---|---|
                        """);
        for (Row row : results) {
            long floor = results.stream()
                    .filter(other -> other.approach() == Approach.LINES && other.limited() == row.limited())
                    .findFirst()
                    .orElseThrow()
                    .wallMillis();
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %s | %,.0f | %.2f | %.2f | %d |%n",
                    row.approach().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    row.approach() == Approach.CALLS || row.approach() == Approach.FUNCTION ? row.delay() + " ms" : "",
                    row.limited() ? String.format(Locale.ROOT, "%.2f", CpuLimit.processors(MEMORY_SIZE)) : "all",
                    rows * 1e3 / row.wallMillis(),
                    (double) floor / row.wallMillis(),
                    row.cpuMillis() * 1e3 / rows,
                    row.peak()));
        }
        results.stream()
                .filter(row -> row.limited() && row.approach() == Approach.FUNCTION)
                .forEach(row -> text.append(dollars(row, rows)));
        return text.toString();
    }

    private static String dollars(Row row, int rows) {
        double lambda = row.wallMillis() / 1e3 * MEMORY_SIZE / 1024 * GIGABYTE_SECOND * 1e6 / rows;
        double reads = MILLION_READ_UNITS / 2;
        return String.format(
                Locale.ROOT,
                "%nDollars a million objects: %.4f Lambda + %.4f reads of DynamoDB + %.4f S3 Inventory = %.3f%n",
                lambda,
                reads,
                MILLION_OBJECTS_LISTED,
                lambda + reads + MILLION_OBJECTS_LISTED);
    }

    private static long writeInventory(Path folder, int rows) throws IOException {
        Path data = folder.resolve(DATA_FILE);
        Files.createDirectories(data.getParent());
        Files.createDirectories(folder.resolve(FOLDER));
        Random random = new Random(14);
        Instant first = Instant.parse("2026-01-01T00:00:00.125Z");
        try (Writer csv = new BufferedWriter(
                new OutputStreamWriter(new GZIPOutputStream(Files.newOutputStream(data), 65_536), UTF_8))) {
            for (int row = 0; row < rows; row++) {
                csv.write(String.format(
                        Locale.ROOT,
                        "\"%s\",\"ward-%d/study+%d/patient-%07d_series-%d.dcm\",\"%016x%016x\",\"true\",\"false\",\"%d\",\"%s\",\"%s\"%n",
                        UPLOADS,
                        row % 40,
                        row / 300,
                        row / 20,
                        row % 20,
                        random.nextLong(),
                        random.nextLong(),
                        BatchGetItemStub.FILE_SIZE,
                        first.plusSeconds(row * 20L),
                        BatchGetItemStub.E_TAG));
            }
        }
        String manifest =
                """
                {"sourceBucket":"%s","destinationBucket":"arn:aws:s3:::%s","fileFormat":"CSV",\
                "fileSchema":"Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag",\
                "files":[{"key":"%s","size":%d,"MD5checksum":"%s"}]}"""
                        .formatted(UPLOADS, INVENTORIES, DATA_FILE, Files.size(data), md5(Files.readAllBytes(data)));
        Files.writeString(folder.resolve(FOLDER + "manifest.json"), manifest);
        Files.writeString(folder.resolve(FOLDER + "manifest.checksum"), md5(manifest.getBytes(UTF_8)));
        return Files.size(data);
    }

    private static String md5(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
