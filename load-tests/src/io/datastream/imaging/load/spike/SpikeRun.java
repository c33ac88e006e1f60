package io.datastream.imaging.load.spike;

import static org.awaitility.Awaitility.await;

import io.datastream.imaging.load.ledger.Audit;
import io.datastream.imaging.load.ledger.Ledger;
import io.datastream.imaging.load.ledger.Upload;
import io.datastream.imaging.load.ledger.Verdict;
import io.datastream.imaging.load.spike.Findings.Evidence;
import io.datastream.imaging.load.spike.InvocationLog.Passage;
import io.datastream.imaging.local.CloudSettings;
import io.datastream.imaging.local.FunctionCode;
import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.local.template.Template;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.core.ConditionTimeoutException;

/** One run: the pipeline under load, what disturbs it, who watches it, and the judgement when it has settled. */
final class SpikeRun {

    private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(5);
    private static final int WARM_UP_UPLOADS = 500;
    private static final Duration LOOK_EVERY = Duration.ofMillis(500);
    private static final Duration REPORT_EVERY = Duration.ofSeconds(10);
    /** SQS counts approximately: the queue is empty when it was so for so long. */
    private static final Duration QUIET = Duration.ofSeconds(3);

    /** Past it, what is still missing is lost: longer than any message can stay in the embedded queue. */
    private static final Duration PATIENCE = Duration.ofMinutes(20);

    private final SpikeSettings settings;
    private final Ledger ledger;
    private final Instant started = Instant.now();
    private final Template template = Template.read(Path.of("cloudformation/pipeline.yaml"));
    private volatile Instant progress = started;
    private final InvocationLog invocations = new InvocationLog();
    private final Optional<LocalCloud> cloud;
    private final Optional<Chaos> chaos;
    private final PipelineUnderLoad pipeline;
    private final Monitor monitor;
    private final Optional<RecordProbe> probe;

    private SpikeRun(SpikeSettings settings, Ledger ledger) {
        this.settings = settings;
        this.ledger = ledger;
        cloud = settings.stackOutputs().isPresent() ? Optional.empty() : Optional.of(embedded());
        chaos = cloud.map(it -> new Chaos(it, settings.chaos(), settings.seed()));
        pipeline = cloud.map(PipelineUnderLoad::of)
                .orElseGet(
                        () -> PipelineUnderLoad.deployed(settings.stackOutputs().orElseThrow()));
        monitor = new Monitor(pipeline, cloud);
        probe = cloud.isPresent() ? Optional.empty() : Optional.of(new RecordProbe(pipeline, settings.uploads()));
    }

    /**
     * Starts the embedded cloud, or connects to the deployed stack.
     *
     * @throws IllegalArgumentException if the stack cannot be used; it says what to do
     */
    static SpikeRun prepare(SpikeSettings settings, Ledger ledger) {
        SpikeReport.deleteFormer(settings);
        SpikeRun run = new SpikeRun(settings, ledger);
        if (!run.pipeline.deadLetterQueue().isEmpty()) {
            throw new IllegalArgumentException("the dead-letter queue is not empty: inspect it with"
                    + " java -jar target/imaging.jar dlq inspect, then replay or drop its messages");
        }
        return run;
    }

    private LocalCloud embedded() {
        FunctionCode function = new FunctionCode.Observed(
                new FunctionCode.Jar(Path.of("target/ingest-function.jar")), invocations::add);
        return LocalCloud.start(CloudSettings.of(template, function)
                .withExecutionEnvironments(settings.environments())
                .withSeed(settings.seed())
                .withParameters(settings.templateParameters()));
    }

    /** S3 has acknowledged an upload. */
    void acknowledged(Upload upload) {
        ledger.acknowledged(upload);
        probe.ifPresent(it -> it.acknowledged(upload));
    }

    PipelineUnderLoad pipeline() {
        return pipeline;
    }

    /** No other run's keys begin so. */
    String keyPrefix() {
        return "load-test/" + started.getEpochSecond() + "/";
    }

    void begin() {
        if (cloud.isPresent()) {
            warmUp();
        }
        monitor.begin();
        probe.ifPresent(RecordProbe::begin);
        chaos.ifPresent(it -> it.begin(pipeline.bucket()));
    }

    /** Loads and compiles everything, here and in a first function: a pipeline at work is not a cold one. */
    private void warmUp() {
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (int number = 0; number < WARM_UP_UPLOADS; number++) {
                String url = pipeline.signedUrl("warm-up/patient-0_%d.dcm".formatted(number));
                HttpRequest put = HttpRequest.newBuilder(URI.create(url))
                        .PUT(HttpRequest.BodyPublishers.ofString("warm-up"))
                        .build();
                client.send(put, HttpResponse.BodyHandlers.discarding());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!settle()) {
            throw new IllegalStateException("the pipeline does not even finish its warm-up");
        }
    }

    /**
     * Waits until the pipeline has settled, writes the report, and judges.
     *
     * @return whether the run passed
     */
    boolean finish() {
        chaos.ifPresent(Chaos::uploadsAreOver);
        boolean settled = settle();
        monitor.close();
        probe.ifPresent(RecordProbe::close);
        Verdict verdict = new Audit(pipeline.bucket(), CLOCK_TOLERANCE)
                .judge(ledger, pipeline.records(keyPrefix()), pipeline.deadLetterKeys());
        Collection<Passage> passages = invocations.passages(keyPrefix());
        Findings findings = Findings.of(
                settings,
                started,
                settings.stackOutputs()
                        .map(file -> "deployed stack of " + file + ", bucket " + pipeline.bucket())
                        .orElse("embedded cloud"),
                verdict,
                ledger.refused(),
                settled,
                new Evidence(
                        ledger.uploads(),
                        passages,
                        probe.map(RecordProbe::arrivals)
                                .orElseGet(() ->
                                        passages.stream().map(Passage::arrival).toList()),
                        monitor.samples()),
                cloud.map(it ->
                        Findings.Embedded.of(it, chaos.orElseThrow(), invocations.invocations(), templateDefaults())));
        SpikeReport report = new SpikeReport(findings);
        Path page = report.write();
        chaos.ifPresent(Chaos::close);
        pipeline.close();
        cloud.ifPresent(LocalCloud::close);
        System.out.print(report.text());
        System.out.println("Report: " + page + " (JSON, JUnit XML and CSV beside it)");
        return findings.passed();
    }

    private Map<String, String> templateDefaults() {
        Map<String, String> defaults = new LinkedHashMap<>();
        for (String parameter : List.of("MaximumConcurrency", "FunctionTimeout", "MaximumReceiveCount")) {
            defaults.put(parameter, template.parameterDefault(parameter));
        }
        return defaults;
    }

    /** Whether nothing is under way any more, before patience ends. */
    private boolean settle() {
        try {
            await().atMost(PATIENCE)
                    .pollInterval(LOOK_EVERY)
                    .during(QUIET)
                    .ignoreExceptions()
                    .until(this::nothingIsUnderWay);
            return true;
        } catch (ConditionTimeoutException tooLate) {
            return false;
        }
    }

    private boolean nothingIsUnderWay() {
        QueueDepth queue = pipeline.queue();
        if (progress.isBefore(Instant.now().minus(REPORT_EVERY))) {
            progress = Instant.now();
            System.out.printf(
                    "waiting until the queue is empty: %,d messages wait, %,d are in flight%n",
                    queue.waiting(), queue.inFlight());
        }
        return chaos.map(Chaos::isSettled).orElse(true)
                && cloud.map(it -> it.pendingDeliveries() == 0).orElse(true)
                && queue.isEmpty();
    }
}
