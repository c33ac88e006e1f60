package io.datastream.imaging.load.spike;

import static io.gatling.javaapi.core.CoreDsl.ByteArrayBody;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.feed;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.header;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.datastream.imaging.load.Options;
import io.datastream.imaging.load.ledger.Ledger;
import io.datastream.imaging.load.ledger.Upload;
import io.datastream.imaging.local.template.TemplateException;
import io.gatling.javaapi.core.ScenarioBuilder;
import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.core.Simulation;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Signed {@code PUT}s in an open pattern, and the judgement on what became of them: the run fails if one upload was lost
 * or wrong. Settings: {@link SpikeSettings}.
 */
public final class SpikeSimulation extends Simulation {

    private static final String STARTED = "started";
    private static final String URL = "url";
    private static final String STATUS = "status";
    private static final String VERSION_ID = "versionId";
    private static final String E_TAG = "eTag";

    private final Ledger ledger = new Ledger();
    private final SpikeSettings settings = orExit(() -> SpikeSettings.of(Options.given()));
    private final SpikeRun run = orExit(() -> SpikeRun.prepare(settings, ledger));
    private final byte[] content = new byte[settings.largestFile()];

    public SpikeSimulation() {
        new Random(settings.seed()).nextBytes(content);
        ScenarioBuilder uploads = scenario("uploads")
                .exec(
                        feed(new UploadFeeder(run.keyPrefix(), settings)),
                        exec(session -> session.set(URL, run.pipeline().signedUrl(session.getString(UploadFeeder.KEY)))
                                .set(STARTED, Instant.now())),
                        http("PUT object")
                                .put(session -> session.getString(URL))
                                .body(ByteArrayBody(
                                        session -> Arrays.copyOf(content, session.getInt(UploadFeeder.SIZE))))
                                .check(
                                        status().saveAs(STATUS),
                                        status().is(200),
                                        header("x-amz-version-id").saveAs(VERSION_ID),
                                        header("ETag").saveAs(E_TAG)),
                        exec(this::remember));
        // Its warm-up would call a public site.
        setUp(uploads.injectOpen(settings.shape().steps(settings.uploads(), settings.duration())))
                .protocols(http.disableWarmUp().shareConnections().disableFollowRedirect());
    }

    private Session remember(Session session) {
        String objectKey = session.getString(UploadFeeder.KEY);
        if (session.isFailed()) {
            ledger.refused(objectKey, session.contains(STATUS) ? session.getString(STATUS) : "no response");
            return session;
        }
        Optional<String> patientId = session.get(UploadFeeder.PATIENT);
        run.acknowledged(new Upload(
                objectKey,
                patientId,
                session.getInt(UploadFeeder.SIZE),
                session.getString(VERSION_ID),
                session.getString(E_TAG).replace("\"", ""),
                session.get(STARTED),
                Instant.now()));
        return session;
    }

    /** Gatling's plugin calls exit code 2 a failed assertion, and every other one an error. */
    private static <T> T orExit(Supplier<T> step) {
        try {
            return step.get();
        } catch (IllegalArgumentException | TemplateException wrong) {
            System.err.println(wrong.getMessage());
            System.exit(1);
            throw wrong;
        }
    }

    @Override
    public void before() {
        run.begin();
    }

    /** The emulators leave threads behind, for which a JVM that ends by an exception would wait. */
    @Override
    public void after() {
        try {
            if (!run.finish()) {
                System.exit(2);
            }
        } catch (SdkException e) {
            System.err.println("the run cannot be judged, there is no report: " + e.getMessage());
            System.exit(1);
        } catch (RuntimeException e) {
            e.printStackTrace();
            System.exit(1);
        }
    }
}
