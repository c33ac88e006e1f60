package io.datastream.imaging.local.run;

import io.datastream.imaging.local.CloudSettings;
import io.datastream.imaging.local.FunctionCode;
import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.local.PortTakenException;
import io.datastream.imaging.local.UploadedObject;
import io.datastream.imaging.local.template.Template;
import io.datastream.imaging.local.template.TemplateException;
import io.datastream.imaging.metadata.PatientIdPattern;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the pipeline on this machine, uploads files and prints each record when it is in the table. */
@Command(
        name = "java @target/local-cloud.args",
        description = "Runs the pipeline of a CloudFormation template on this machine, uploads files and prints their"
                + " records.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:every upload has its record", "1:a record is missing", "2:the input cannot be used"})
public final class RunPipeline implements Callable<Integer> {
    static final int ALL_RECORDED = 0;
    static final int RECORD_MISSING = 1;
    static final int BAD_INPUT = 2;

    @Option(
            names = "--upload",
            paramLabel = "FOLDER",
            defaultValue = "src/test/resources/samples",
            description = "upload every file in it, under its path in the folder")
    private Path upload;

    @Option(names = "--once", description = "end when all uploads have their record; else stay until Ctrl-C")
    private boolean once;

    @Option(names = "--end-with-parent", description = "end when the process that started this one has ended")
    private boolean endWithParent;

    @Option(
            names = "--patience",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "give up when no record has arrived for so long")
    private long patience;

    @Option(
            names = "--pattern",
            paramLabel = "REGEX",
            description = "how a file name gives the patient ID, in the group (?<patientId>...)")
    private @Nullable String pattern;

    @Option(
            names = "--parameter",
            paramLabel = "NAME=VALUE",
            description = "a parameter of the template; can be given several times")
    private Map<String, String> parameters = new HashMap<>();

    @Option(names = "--template", paramLabel = "FILE", defaultValue = "cloudformation/pipeline.yaml")
    private Path template;

    @Option(names = "--function-jar", paramLabel = "FILE", defaultValue = "target/ingest-function.jar")
    private Path functionJar;

    @Option(names = "--s3-port", paramLabel = "PORT", defaultValue = "0", description = "0 for any free port")
    private int s3Port;

    @Option(names = "--sqs-port", paramLabel = "PORT", defaultValue = "0")
    private int sqsPort;

    @Option(names = "--dynamodb-port", paramLabel = "PORT", defaultValue = "0")
    private int dynamoDbPort;

    private final Printer printer;
    /** Read at the start: an orphan has another one. */
    private final Optional<ProcessHandle> parent = ProcessHandle.current().parent();

    private final Set<String> unrecorded = new ConcurrentSkipListSet<>();

    private RunPipeline(PrintStream out) {
        this.printer = new Printer(out);
    }

    public static void main(String[] arguments) {
        // Keys are UTF-8, whatever the terminal's encoding is.
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        System.exit(run(out, err, arguments));
    }

    /** Runs, and returns the process's exit code. */
    static int run(PrintStream out, PrintStream err, String... arguments) {
        return new CommandLine(new RunPipeline(out))
                .setOverwrittenOptionsAllowed(true)
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setParameterExceptionHandler((exception, given) -> badInput(
                        err, exception.getMessage().lines().findFirst().orElseThrow() + "; --help lists the options"))
                .setExecutionExceptionHandler((exception, command, parsed) -> switch (exception) {
                    case BadInputException bad -> badInput(err, bad.getMessage());
                    case TemplateException bad ->
                        badInput(
                                err,
                                "the template cannot be used: " + bad.getMessage()
                                        + "; correct it, or the --parameter");
                    case PortTakenException taken ->
                        badInput(err, taken.getMessage() + ": end what listens there, or choose another port");
                    default -> throw exception;
                })
                .execute(arguments);
    }

    private static int badInput(PrintStream err, String message) {
        err.println(message);
        return BAD_INPUT;
    }

    @Override
    public Integer call() throws InterruptedException {
        checkOptions();
        FolderUpload folder = new FolderUpload(upload);
        CloudSettings settings = CloudSettings.of(Template.read(template), new FunctionCode.Jar(functionJar))
                .withParameters(parameters)
                .withPorts(s3Port, sqsPort, dynamoDbPort);
        long start = System.nanoTime();
        try (LocalCloud cloud = LocalCloud.start(settings);
                RecordWatch watch = new RecordWatch(cloud.dynamoDb(), output(cloud, "TableName"), printer::recorded)) {
            checkBucket(cloud);
            Runtime.getRuntime().addShutdownHook(new Thread(cloud::close));
            cloud.onFunctionLog(this::functionLogged);
            cloud.onUpload((object, notified) -> uploaded(object, notified, watch));
            printer.started(cloud, template, Duration.ofNanos(System.nanoTime() - start));
            if (!once) {
                printer.commands(cloud);
            }
            folder.to(cloud.s3(), output(cloud, "BucketName"), (key, why) -> {
                unrecorded.add(key);
                printer.line("S3 did not take " + key + ": " + why);
            });
            List<UploadedObject> late = watch.awaitAll(Duration.ofSeconds(patience));
            watch.problem().ifPresent(printer::line);
            cloud.problems().forEach(printer::line);
            List<String> missing = Stream.concat(
                            unrecorded.stream(), late.stream().map(UploadedObject::key))
                    .toList();
            missing.forEach(key -> printer.line("no record: " + key));
            printer.line(
                    "%,d of %,d uploads have their record".formatted(folder.size() - missing.size(), folder.size()));
            if (!once) {
                printer.line("Uploads from outside are printed, too. Ctrl-C ends it.");
                stay();
            }
            return missing.isEmpty() && cloud.problems().isEmpty() ? ALL_RECORDED : RECORD_MISSING;
        }
    }

    private void checkOptions() {
        if (!Files.isRegularFile(template)) {
            throw new BadInputException("no such template: " + template + "; run from the project's folder, or name one"
                    + " with --template FILE");
        }
        if (!Files.isRegularFile(functionJar)) {
            throw new BadInputException(
                    "the function is not built: " + functionJar + " is missing; run: mvn package -DskipTests");
        }
        if (!Files.isDirectory(upload)) {
            throw new BadInputException("no such folder: " + upload + "; name one with --upload FOLDER");
        }
        if (Stream.of(s3Port, sqsPort, dynamoDbPort).anyMatch(port -> port < 0 || port > 65_535)) {
            throw new BadInputException("a port is a whole number from 0 to 65535");
        }
        if (patience < 1 || patience > 86_400) {
            throw new BadInputException("--patience " + patience + ": give a whole number from 1 to 86400");
        }
        if (pattern != null) {
            try {
                PatientIdPattern.compile(pattern);
            } catch (IllegalArgumentException e) {
                throw new BadInputException(e.getMessage().lines().findFirst().orElseThrow()
                        + "; give one as --pattern 'scan-(?<patientId>[0-9]+)\\.dcm'");
            }
            parameters.put("PatientIdPattern", pattern);
        }
    }

    /** Until this process is stopped, or the one that started it has ended. */
    private void stay() throws InterruptedException {
        if (endWithParent && parent.isPresent()) {
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
        boolean created = cloud.stack().resources("AWS::S3::Bucket").stream()
                .anyMatch(resource -> cloud.stack().reference(resource).equals(bucket));
        if (!created) {
            throw new BadInputException("the template expects the existing bucket " + bucket
                    + ": choose parameters with which it creates the bucket");
        }
    }

    private void uploaded(UploadedObject object, boolean notified, RecordWatch watch) {
        if (notified) {
            watch.await(object);
        } else {
            unrecorded.add(object.key());
            printer.line("no record will come: no notification filter of the bucket matches " + object.key());
        }
    }

    /** Prints what the function logs, without its metrics: the messages that failed, and errors of the function. */
    private void functionLogged(String line) {
        if (!line.contains("\"_aws\"") && !line.isBlank()) {
            printer.line("function: " + line);
        }
    }
}
