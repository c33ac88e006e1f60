package io.datastream.imaging.local.run;

import io.datastream.imaging.local.CloudSettings;
import io.datastream.imaging.local.Fault;
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
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import software.amazon.awssdk.services.s3.model.GetBucketNotificationConfigurationResponse;
import software.amazon.awssdk.services.s3.model.NotificationConfiguration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

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
    /** 128 + SIGINT, as every shell gives it. */
    private static final int INTERRUPTED = 130;

    /** As many as one data file of a small inventory may have. */
    private static final int ROWS_PER_FILE = 100_000;

    private static final String STARTED_BY_MAVEN = "--started-by-maven";
    private static final Set<String> MAVEN_OPTIONS = Set.of("args", "skipTests", "skipITs");

    @Option(
            names = "--upload",
            paramLabel = "FOLDER",
            defaultValue = "src/test/resources/samples",
            description = "upload every file in it, under its path in the folder")
    private Path upload;

    @Option(names = "--once", description = "end when all uploads have their record; else stay until Ctrl-C")
    private boolean once;

    @Option(
            names = STARTED_BY_MAVEN,
            description =
                    "end when Maven has ended; if the run fails, end Maven, which would print lines after the error")
    private boolean startedByMaven;

    @Option(
            names = "--patience",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "give up when no record has arrived for so long")
    private long patience;

    @Option(
            names = "--quick",
            description = "short times instead of the deployed ones (FunctionTimeout=2, MaximumReceiveCount=3): a file"
                    + " without a patient ID is in the dead-letter queue in less than a minute")
    private boolean quick;

    @Option(
            names = "--inventory",
            description =
                    "erase the bucket's notification before the upload, and make an inventory after it: the reconcile"
                            + " function finds the uploads and writes their records")
    private boolean inventory;

    @Option(
            names = "--pattern",
            paramLabel = "REGEX",
            description = "how a file name gives the patient ID, in the group (?<patientId>...); can be changed later:"
                    + " the run prints the command")
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

    @Option(
            names = "--reconcile-jar",
            paramLabel = "FILE",
            defaultValue = "target/imaging.jar",
            description = "the jar of the reconcile function")
    private Path reconcileJar;

    @Option(names = "--s3-port", paramLabel = "PORT", defaultValue = "0", description = "0 for any free port")
    private int s3Port;

    @Option(names = "--sqs-port", paramLabel = "PORT", defaultValue = "0")
    private int sqsPort;

    @Option(names = "--dynamodb-port", paramLabel = "PORT", defaultValue = "0")
    private int dynamoDbPort;

    private final Printer printer;
    /** Read at the start: an orphan has another one. */
    private final Optional<ProcessHandle> parent = ProcessHandle.current().parent();

    private final AtomicBoolean rejectionExplained = new AtomicBoolean();
    /** Whether the user has ended the run: calls that fail from now on are not worth a line. */
    private volatile boolean interrupted;

    private final Set<String> unrecorded = new ConcurrentSkipListSet<>();

    private RunPipeline(PrintStream out) {
        this.printer = new Printer(out);
    }

    public static void main(String[] arguments) {
        // Keys are UTF-8, whatever the terminal's encoding is.
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        int exitCode = run(out, err, arguments);
        // Not the parsed option, which is unknown if the options are wrong.
        if (exitCode != 0 && List.of(arguments).contains(STARTED_BY_MAVEN)) {
            endMaven();
        }
        System.exit(exitCode);
    }

    /** Maven ends with exit code 143 then. Its seven lines about the exit code would hide ours. */
    private static void endMaven() {
        ProcessHandle.current().parent().filter(ProcessHandle::destroy).ifPresent(maven -> maven.onExit()
                .completeOnTimeout(maven, 10, TimeUnit.SECONDS)
                .join());
    }

    /** Runs, and returns the process's exit code. */
    static int run(PrintStream out, PrintStream err, String... arguments) {
        RunPipeline run = new RunPipeline(out);
        return new CommandLine(run)
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
                    default -> {
                        if (run.interrupted) {
                            yield INTERRUPTED;
                        }
                        throw exception;
                    }
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
        CloudSettings settings = CloudSettings.of(
                        withoutReconciliation(Template.read(template)), new FunctionCode.Jar(functionJar))
                .withFunction(CloudSettings.RECONCILE, new FunctionCode.Jar(reconcileJar))
                .withParameters(parameters)
                .withPorts(s3Port, sqsPort, dynamoDbPort);
        long start = System.nanoTime();
        try (LocalCloud cloud = LocalCloud.start(settings);
                ConnectionFiles files = new ConnectionFiles(Path.of("target"), cloud);
                RecordWatch watch = new RecordWatch(cloud.dynamoDb(), output(cloud, "TableName"), printer::recorded);
                ControlServer control = new ControlServer(Map.of(
                        "pattern", value -> deployPattern(cloud, files, value),
                        "outage", value -> switchOutage(cloud, value),
                        "inventory", value -> makeInventory(cloud)))) {
            Thread interruption = new Thread(() -> endNow(cloud, files));
            Runtime.getRuntime().addShutdownHook(interruption);
            try {
                DeadLetterWatch deadLetters = new DeadLetterWatch(cloud.sqs(), output(cloud, "QueueUrl"));
                cloud.onFunctionLog(line -> functionLogged(line, deadLetters));
                String bucket = output(cloud, "BucketName");
                cloud.onUpload((object, notified) -> {
                    if (object.bucket().equals(bucket)) {
                        uploaded(object, notified, watch);
                    }
                });
                printer.started(cloud, template, Duration.ofNanos(System.nanoTime() - start));
                boolean bucketCreated = hasBucket(cloud);
                if (!once) {
                    files.write(control.endpoint(), patternOf(cloud));
                    printer.commands(cloud, files, control.endpoint());
                    deadLetters.onChange(output(cloud, "DeadLetterQueueUrl"), printer::deadLetters);
                }
                if (!bucketCreated) {
                    createExistingBucket(cloud);
                    stay();
                    return ALL_RECORDED;
                }
                int result = upload(folder, cloud, watch);
                if (!once) {
                    printer.line("Uploads from outside are printed, too. Ctrl-C ends it.");
                    stay();
                }
                return result;
            } finally {
                if (!interrupted) {
                    Runtime.getRuntime().removeShutdownHook(interruption);
                }
            }
        }
    }

    private int upload(FolderUpload folder, LocalCloud cloud, RecordWatch watch) throws InterruptedException {
        String bucket = output(cloud, "BucketName");
        GetBucketNotificationConfigurationResponse notification =
                cloud.s3().getBucketNotificationConfiguration(request -> request.bucket(bucket));
        if (inventory) {
            printer.line("The bucket's notification is erased.");
            setNotification(cloud, NotificationConfiguration.builder().build());
        }
        folder.to(cloud.s3(), bucket, (key, why) -> {
            unrecorded.add(key);
            printer.line("S3 did not take " + key + ": " + why);
        });
        if (inventory) {
            setNotification(
                    cloud,
                    NotificationConfiguration.builder()
                            .topicConfigurations(notification.topicConfigurations())
                            .build());
            printer.line("The bucket notifies the topic again.");
            makeInventory(cloud);
        }
        List<UploadedObject> late = watch.awaitAll(Duration.ofSeconds(patience));
        watch.problem().ifPresent(printer::line);
        cloud.problems().forEach(printer::line);
        List<String> missing = Stream.concat(unrecorded.stream(), late.stream().map(UploadedObject::key))
                .toList();
        missing.forEach(key -> printer.line("no record: " + key));
        printer.line("%,d of %,d uploads have their record".formatted(folder.size() - missing.size(), folder.size()));
        return missing.isEmpty() && cloud.problems().isEmpty() ? ALL_RECORDED : RECORD_MISSING;
    }

    /** After Ctrl-C: closes everything and ends the process, before other threads report calls that this makes fail. */
    private void endNow(LocalCloud cloud, ConnectionFiles files) {
        interrupted = true;
        printer.close();
        files.close();
        cloud.close();
        Runtime.getRuntime().halt(INTERRUPTED);
    }

    private String deployPattern(LocalCloud cloud, ConnectionFiles files, String regex) {
        checkPattern(regex, "curl -X PUT --data-raw");
        Map<String, String> changed = new HashMap<>(parameters);
        changed.put("PatientIdPattern", regex);
        try {
            cloud.deployFunctions(changed);
        } catch (TemplateException e) {
            throw new BadInputException(e.getMessage());
        }
        files.writeOutputs(regex);
        printer.line("the function is deployed with the patient ID pattern " + regex);
        return "the function is deployed with this pattern; send dead letters back with: java -jar target/imaging.jar"
                + " dlq replay --outputs " + files.outputs();
    }

    private String switchOutage(LocalCloud cloud, String value) {
        String state =
                switch (value) {
                    case "on" -> {
                        cloud.dynamoDbFaults().inject(Fault.REFUSED, 1);
                        yield "DynamoDB refuses connections";
                    }
                    case "off" -> {
                        cloud.dynamoDbFaults().heal();
                        yield "DynamoDB works again";
                    }
                    default -> throw new BadInputException("an outage is on or off");
                };
        printer.line(state);
        return state;
    }

    /**
     * Makes an inventory that is dated after the cut-off, so that the user does not have to wait. What is uploaded until then
     * is compared.
     */
    private String makeInventory(LocalCloud cloud) {
        Duration cutOff = Duration.ofSeconds(Long.parseLong(output(cloud, "ReconcileCutOffSeconds")));
        // The inventory says in whole minutes when it was begun.
        Instant began = Instant.now().plus(cutOff).plus(Duration.ofMinutes(1));
        try {
            String made = "an inventory lists %,d versions".formatted(cloud.inventory(began, ROWS_PER_FILE));
            cloud.eventSource(CloudSettings.RECONCILE).resume();
            printer.line(made);
            return made + "; the reconcile function compares it with the table";
        } catch (TemplateException | IllegalArgumentException e) {
            throw new BadInputException("no inventory can be made: " + e.getMessage());
        }
    }

    /** Until the first inventory: S3's test event would start the function's JVM, which would slow down the uploads. */
    private static Template withoutReconciliation(Template template) {
        try {
            return template.with("Resources.ReconcileEventSource.Properties.Enabled", false);
        } catch (TemplateException none) {
            return template;
        }
    }

    private static void setNotification(LocalCloud cloud, NotificationConfiguration configuration) {
        cloud.s3().putBucketNotificationConfiguration(request -> request.bucket(output(cloud, "BucketName"))
                .notificationConfiguration(configuration));
    }

    private static String patternOf(LocalCloud cloud) {
        return cloud.function()
                .configuration()
                .environment()
                .getOrDefault("PATIENT_ID_PATTERN", PatientIdPattern.DEFAULT);
    }

    private void checkOptions() {
        if (!Files.isRegularFile(template)) {
            throw new BadInputException("no such template: " + template + "; run from the project's folder, or name one"
                    + " with --template FILE");
        }
        for (Path jar : List.of(functionJar, reconcileJar)) {
            if (!Files.isRegularFile(jar)) {
                throw new BadInputException(
                        "the function is not built: " + jar + " is missing; run: mvn package -DskipTests");
            }
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
            checkPattern(pattern, "--pattern");
            parameters.put("PatientIdPattern", pattern);
        }
        if (quick) {
            parameters.putIfAbsent("FunctionTimeout", "2");
            parameters.putIfAbsent("MaximumReceiveCount", "3");
        }
        if (startedByMaven) {
            checkMavenOptions(parent.flatMap(maven -> maven.info().arguments()).orElse(new String[0]));
        }
    }

    private static void checkPattern(String regex, String option) {
        try {
            PatientIdPattern.compile(regex);
        } catch (IllegalArgumentException e) {
            throw new BadInputException(e.getMessage().lines().findFirst().orElseThrow() + "; give one as " + option
                    + " 'scan-(?<patientId>[0-9]+)\\.dcm'");
        }
    }

    /** Maven accepts any {@code -Dname}. The names of its own and of its plugins' properties have dots. */
    static void checkMavenOptions(String... arguments) {
        for (String argument : arguments) {
            String name = argument.replaceFirst("^-D([^=]*).*$", "$1");
            if (argument.startsWith("-D") && !name.contains(".") && !MAVEN_OPTIONS.contains(name)) {
                throw new BadInputException("unknown option -D" + name
                        + ": options of the local run go into -Dargs=\"...\", for example -Dargs=\"--help\"");
            }
        }
    }

    /** Until this process is stopped, or the one that started it has ended. */
    private void stay() throws InterruptedException {
        if (startedByMaven && parent.isPresent()) {
            parent.get().onExit().join();
        } else {
            new CountDownLatch(1).await();
        }
    }

    private static String output(LocalCloud cloud, String name) {
        return Optional.ofNullable(cloud.outputs().get(name))
                .orElseThrow(() -> new BadInputException("the template has no output " + name + ": add it"));
    }

    private static boolean hasBucket(LocalCloud cloud) {
        String bucket = output(cloud, "BucketName");
        return cloud.stack().resources("AWS::S3::Bucket").stream()
                .anyMatch(resource -> cloud.stack().reference(resource).equals(bucket));
    }

    /** A bucket that stands for the existing one, which the template does not create. */
    private void createExistingBucket(LocalCloud cloud) {
        String bucket = output(cloud, "BucketName");
        if (once) {
            throw new BadInputException("the template expects the existing bucket " + bucket
                    + ": leave out --once, or choose parameters with which it creates the bucket");
        }
        cloud.s3().createBucket(request -> request.bucket(bucket));
        printer.line("The bucket %s stands for an existing one. It has no notification yet: put one as in"
                .formatted(bucket));
        printer.line(
                "cloudformation/README.md, \"An existing bucket\", then upload. Topic: " + output(cloud, "TopicArn"));
    }

    private void uploaded(UploadedObject object, boolean notified, RecordWatch watch) {
        if (notified || inventory) {
            watch.await(object);
        } else {
            unrecorded.add(object.key());
            printer.line("no record will come: no notification filter of the bucket matches " + object.key());
        }
    }

    /** Prints what the function logs, without its metrics: the messages that failed, and errors of the function. */
    private void functionLogged(String line, DeadLetterWatch deadLetters) {
        if (line.contains("\"_aws\"")) {
            reconciled(line).ifPresent(printer::line);
            return;
        }
        if (line.isBlank()) {
            return;
        }
        printer.line("function: " + line);
        if (line.contains("\"reason\"") && !rejectionExplained.getAndSet(true)) {
            printer.line("A rejected message is received %d times and then goes to the dead-letter queue: in %s%s"
                    .formatted(
                            deadLetters.receives(),
                            Printer.duration(deadLetters.delay()),
                            quick ? "." : ", as deployed; with --quick in less than a minute."));
        }
    }

    /** What the reconcile function counted, from a line of its metrics. */
    private static Optional<String> reconciled(String line) {
        JsonNode metrics = JsonMapper.shared().readTree(line);
        return metrics.has("ReconciledRows")
                ? Optional.of("reconciled: %s rows, %s missing, %s repaired"
                        .formatted(
                                count(metrics, "ReconciledRows"),
                                count(metrics, "MissingUploads"),
                                count(metrics, "RepairedUploads")))
                : Optional.empty();
    }

    private static String count(JsonNode metrics, String name) {
        return "%,d".formatted(metrics.path(name).asLong(0));
    }
}
