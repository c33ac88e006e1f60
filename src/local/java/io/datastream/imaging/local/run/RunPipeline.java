package io.datastream.imaging.local.run;

import io.datastream.imaging.local.CloudSettings;
import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.local.PortTakenException;
import io.datastream.imaging.local.UploadedObject;
import io.datastream.imaging.local.template.Template;
import io.datastream.imaging.local.template.TemplateException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/** The pipeline on this machine, at work: uploads files and prints each record as it lands. See {@code --help}. */
public final class RunPipeline {
    static final int ALL_RECORDED = 0;
    static final int RECORD_MISSING = 1;
    static final int BAD_INPUT = 2;

    private final RunOptions options;
    private final Report report;
    /** Asked for at the start: an orphan has another. */
    private final Optional<ProcessHandle> parent = ProcessHandle.current().parent();

    private final Set<String> unrecorded = new ConcurrentSkipListSet<>();

    private RunPipeline(RunOptions options, Report report) {
        this.options = options;
        this.report = report;
    }

    public static void main(String[] arguments) throws InterruptedException {
        // Keys are UTF-8, whatever the terminal says.
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        System.exit(run(List.of(arguments), out, err));
    }

    /** Runs, and returns the process's exit code. */
    static int run(List<String> arguments, PrintStream out, PrintStream err) throws InterruptedException {
        if (arguments.contains("--help")) {
            out.print(RunOptions.HELP);
            return ALL_RECORDED;
        }
        try {
            return new RunPipeline(RunOptions.parse(arguments), new Report(out)).run();
        } catch (BadInputException e) {
            err.println(e.getMessage());
        } catch (TemplateException e) {
            err.println("the template cannot be used: " + e.getMessage() + "; correct it, or the --parameters");
        } catch (PortTakenException e) {
            err.println(e.getMessage() + ": end what listens there, or choose another port");
        }
        return BAD_INPUT;
    }

    private int run() throws InterruptedException {
        Template template = options.checked();
        FolderUpload folder = new FolderUpload(options.upload());
        long start = System.nanoTime();
        try (LocalCloud cloud = LocalCloud.start(CloudSettings.of(template, options.function())
                        .withParameters(options.parameters())
                        .withPorts(options.s3Port(), options.sqsPort(), options.dynamoDbPort()));
                RecordWatch watch = new RecordWatch(cloud.dynamoDb(), output(cloud, "TableName"), report::landed)) {
            checkBucket(cloud);
            Runtime.getRuntime().addShutdownHook(new Thread(cloud::close));
            cloud.onFunctionLog(this::functionLogged);
            cloud.onUpload((upload, notified) -> uploaded(upload, notified, watch));
            report.started(cloud, options, Duration.ofNanos(System.nanoTime() - start));
            folder.to(cloud.s3(), output(cloud, "BucketName"), (key, why) -> {
                unrecorded.add(key);
                report.notUploaded(key, why);
            });
            List<UploadedObject> late = watch.awaitAll(options.patience());
            watch.problem().ifPresent(report::line);
            cloud.problems().forEach(report::line);
            List<String> missing = Stream.concat(
                            unrecorded.stream(), late.stream().map(UploadedObject::key))
                    .toList();
            report.missing(missing);
            report.line("%,d of %,d uploads have their record"
                    .formatted(
                            folder.keys().size() - missing.size(), folder.keys().size()));
            if (!options.once()) {
                report.line("Uploads from outside are shown, too. Ctrl-C ends it.");
                stay();
            }
            return missing.isEmpty() && cloud.problems().isEmpty() ? ALL_RECORDED : RECORD_MISSING;
        }
    }

    /** Until this process is stopped, or the one that started it has ended. */
    private void stay() throws InterruptedException {
        if (options.endWithParent() && parent.isPresent()) {
            parent.get().onExit().join();
        } else {
            new CountDownLatch(1).await();
        }
    }

    private static String output(LocalCloud cloud, String name) {
        return Optional.ofNullable(cloud.outputs().get(name))
                .orElseThrow(() -> new BadInputException("the template has no output " + name + ": add it"));
    }

    private static void checkBucket(LocalCloud cloud) {
        String bucket = output(cloud, "BucketName");
        boolean made = cloud.stack().resources("AWS::S3::Bucket").stream()
                .anyMatch(resource -> cloud.stack().reference(resource).equals(bucket));
        if (!made) {
            throw new BadInputException("the template takes the bucket " + bucket
                    + " for an existing one: choose --parameters that make it");
        }
    }

    private void uploaded(UploadedObject upload, boolean notified, RecordWatch watch) {
        if (notified) {
            watch.await(upload);
        } else {
            unrecorded.add(upload.key());
            report.notNotified(upload);
        }
    }

    /** Of all that the function logs, what says that a message or the function itself failed. */
    private void functionLogged(String line) {
        if (!line.contains("\"_aws\"") && !line.isBlank()) {
            report.line("function: " + line);
        }
    }
}
