package io.datastream.imaging.load.spike;

import static org.awaitility.Awaitility.await;

import io.datastream.imaging.load.ledger.Audit;
import io.datastream.imaging.load.ledger.Ledger;
import io.datastream.imaging.load.ledger.Verdict;
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
import java.util.Optional;
import org.awaitility.core.ConditionTimeoutException;

/** One run: the pipeline under load, what disturbs it, who watches it, and the judgement when it has settled. */
final class SpikeRun {

    private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(5);
    private static final int WARM_UP_UPLOADS = 500;
    private static final Duration LOOK_EVERY = Duration.ofMillis(500);
    /** SQS counts approximately: the queue is empty when it was so for so long. */
    private static final Duration QUIET = Duration.ofSeconds(3);

    /** Past it, what is still missing is lost: longer than any message can stay in the embedded queue. */
    private static final Duration PATIENCE = Duration.ofMinutes(20);

    private final SpikeSettings settings;
    private final Ledger ledger;
    private final Instant started = Instant.now();
    private final InvocationLog invocations = new InvocationLog();
    private final Optional<LocalCloud> cloud;
    private final Optional<Chaos> chaos;
    private final PipelineUnderLoad pipeline;
    private final Monitor monitor;

    private SpikeRun(SpikeSettings settings, Ledger ledger) {
        this.settings = settings;
        this.ledger = ledger;
        cloud = settings.stackOutputs().isPresent() ? Optional.empty() : Optional.of(embedded());
        chaos = cloud.map(it -> new Chaos(it, settings.chaos(), settings.seed()));
        pipeline = cloud.map(PipelineUnderLoad::of)
                .orElseGet(
                        () -> PipelineUnderLoad.deployed(settings.stackOutputs().orElseThrow()));
        monitor = new Monitor(pipeline, cloud);
    }

    static SpikeRun prepare(SpikeSettings settings, Ledger ledger) {
        return new SpikeRun(settings, ledger);
    }

    private LocalCloud embedded() {
        FunctionCode function = new FunctionCode.Observed(
                new FunctionCode.Jar(Path.of("target/ingest-function.jar")), invocations::add);
        CloudSettings cloudSettings = CloudSettings.of(Template.read(Path.of("cloudformation/pipeline.yaml")), function)
                .withExecutionEnvironments(settings.executionEnvironments())
                .withSeed(settings.seed())
                .withParameter("MaximumConcurrency", settings.maximumConcurrency());
        // With the template's 121 s of visibility, a poison file would take 20 minutes to reach the DLQ.
        return LocalCloud.start(
                settings.chaos().isEmpty()
                        ? cloudSettings
                        : cloudSettings.withParameter("FunctionTimeout", 2).withParameter("MaximumReceiveCount", 5));
    }

    PipelineUnderLoad pipeline() {
        return pipeline;
    }

    /** No other run's keys begin so. */
    String keyPrefix() {
        return "load-test/" + started.getEpochSecond() + "/";
    }

    void begin() {
        if (!pipeline.deadLetterQueue().isEmpty()) {
            throw new IllegalStateException("a run begins with an empty DLQ");
        }
        if (cloud.isPresent()) {
            warmUp();
        }
        monitor.begin();
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
        Verdict verdict = new Audit(pipeline.bucket(), CLOCK_TOLERANCE)
                .judge(ledger, pipeline.records(keyPrefix()), pipeline.deadLetterKeys());
        Findings findings = Findings.of(
                settings,
                verdict,
                settled,
                ledger,
                invocations.passages(keyPrefix()),
                monitor.samples(),
                cloud.map(it -> Findings.Embedded.of(it, settings, chaos.orElseThrow(), invocations.invocations())));
        Path folder = new SpikeReport(findings).write();
        chaos.ifPresent(Chaos::close);
        pipeline.close();
        cloud.ifPresent(LocalCloud::close);
        System.out.println(findings.verdict());
        System.out.println(findings.hops());
        System.out.println("Report: " + folder.resolve("index.html"));
        return findings.passed();
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
        return chaos.map(Chaos::isSettled).orElse(true)
                && cloud.map(it -> it.pendingDeliveries() == 0).orElse(true)
                && pipeline.queue().isEmpty();
    }
}
