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
import io.gatling.javaapi.core.ScenarioBuilder;
import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.core.Simulation;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;

/**
 * Signed {@code PUT}s in an open pattern, and the judgement on what became of them: the run fails if one upload was lost
 * or wrong. Settings: {@link SpikeSettings}.
 */
public final class SpikeSimulation extends Simulation {

    private static final String STARTED = "started";
    private static final String URL = "url";
    private static final String VERSION_ID = "versionId";
    private static final String E_TAG = "eTag";

    private final SpikeSettings settings = Options.readOrExit(SpikeSettings::fromSystemProperties);
    private final Ledger ledger = new Ledger();
    private final SpikeRun run = SpikeRun.prepare(settings, ledger);
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
                                        status().is(200),
                                        header("x-amz-version-id").saveAs(VERSION_ID),
                                        header("ETag").saveAs(E_TAG)),
                        exec(this::remember));
        // Its warm-up would call a public site.
        setUp(uploads.injectOpen(settings.pattern().steps(settings.uploads(), settings.duration())))
                .protocols(http.disableWarmUp().shareConnections().disableFollowRedirect());
    }

    private Session remember(Session session) {
        String objectKey = session.getString(UploadFeeder.KEY);
        if (session.isFailed()) {
            ledger.unconfirmed(objectKey);
            return session;
        }
        Optional<String> patientId = session.get(UploadFeeder.PATIENT);
        ledger.acknowledged(new Upload(
                objectKey,
                patientId,
                session.getInt(UploadFeeder.SIZE),
                session.getString(VERSION_ID),
                session.getString(E_TAG).replace("\"", ""),
                session.get(STARTED),
                Instant.now()));
        return session;
    }

    @Override
    public void before() {
        run.begin();
    }

    /** The emulators leave threads behind, for which a JVM that ends by an exception would wait. */
    @Override
    public void after() {
        boolean passed = false;
        try {
            passed = run.finish();
        } finally {
            if (!passed) {
                System.out.println("FAILED");
                System.exit(1);
            }
        }
    }
}
