package io.datastream.imaging.load.comparison;

import io.datastream.imaging.load.Options;
import io.datastream.imaging.load.report.Machine;
import io.datastream.imaging.local.LocalCloud;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * The same uploads through five architectures at once: a trickle, a trickle while the table fails for four minutes, and a
 * spike beyond the table's capacity. Takes about twenty minutes. {@code -Duploads=} of the spike (1,000),
 * {@code -Dcapacity=} records/s of each table (50), {@code -Dconcurrency=} functions at once (2).
 */
public final class Comparison {

    private static final Path FOLDER = Path.of("target/load-tests/comparison");
    private static final Duration OUTAGE = Duration.ofMinutes(4);

    private Comparison() {}

    public static void main(String[] arguments) throws IOException {
        int concurrency = Options.readOrExit(() -> Options.positive("maximumConcurrency", 2));
        int capacity = Options.readOrExit(() -> Options.positive("capacity", 50));
        int spike = Options.readOrExit(() -> Options.positive("uploads", 1_000));
        Tables tables = new Tables(capacity);
        FanOut fanOut = new FanOut(tables, concurrency, AsynchronousFunction.COLD_START);
        List<Variant> variants = new ArrayList<>(others(fanOut.cloud(), tables, concurrency));
        variants.add(fanOut);
        try {
            Uploader uploader = new Uploader(fanOut.cloud(), variants);
            List<Scenario> scenarios = List.of(
                    run("idle: one upload every two seconds", variants, () -> uploader.upload("idle", 15, 0.5, 0)),
                    run("the table fails for four minutes", variants, () -> {
                        variants.forEach(variant -> variant.table().fail(OUTAGE));
                        return uploader.upload("outage", 100, 5, 0);
                    }),
                    run(
                            "spike, half as many again as the table can take",
                            variants,
                            () -> uploader.upload("spike", spike, 1.5 * capacity, 0.05)));
            String report = Machine.here().text() + "\n\n" + new ComparisonTable(variants, scenarios).markdown()
                    + "\nIn our dead-letter queue: " + fanOut.deadLetters() + "\n";
            Files.createDirectories(FOLDER);
            Files.writeString(FOLDER.resolve("comparison.md"), report);
            System.out.println(report);
            if (scenarios.stream().anyMatch(scenario -> scenario.lost(fanOut) > 0)) {
                System.out.println("FAILED: our fan-out lost an upload");
                System.exit(1);
            }
        } finally {
            variants.forEach(Variant::close);
        }
        // The emulators leave threads behind.
        System.exit(0);
    }

    private static List<Variant> others(LocalCloud cloud, Tables tables, int concurrency) {
        String bucket = cloud.outputs().get("BucketName");
        List<Variant> variants = new ArrayList<>();
        for (char letter = 'A'; letter <= 'D'; letter++) {
            String tableName = "Records" + letter;
            Tables.createLikeTemplates(cloud, tableName);
            LimitedTable table = tables.limited();
            // The SDK's default retries.
            DynamoDbClient client = Tables.client(cloud.dynamoDbEndpoint(), table, override -> {});
            PutItem putItem = new PutItem(client, tableName);
            variants.add(
                    switch (letter) {
                        case 'A' ->
                            new EventToFunction("(A) EventBridge → function", true, table, putItem, concurrency);
                        case 'B' -> new EventToFunction("(B) S3 → function", false, table, putItem, concurrency);
                        case 'C' ->
                            new PeriodicListing(
                                    "(C) function that lists every minute", false, table, putItem, cloud.s3(), bucket);
                        default ->
                            new PeriodicListing(
                                    "(D) cron job on one machine", true, table, putItem, cloud.s3(), bucket);
                    });
        }
        return variants;
    }

    private static Scenario run(String name, List<Variant> variants, Supplier<List<Uploader.Stored>> uploads) {
        System.out.println(name);
        return Scenario.run(name, variants, uploads);
    }
}
