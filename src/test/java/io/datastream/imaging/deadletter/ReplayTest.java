package io.datastream.imaging.deadletter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datastream.imaging.ingest.IngestHandler;
import io.datastream.imaging.local.CloudSettings;
import io.datastream.imaging.local.Fault;
import io.datastream.imaging.local.FunctionCode;
import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.local.template.Template;
import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.PatientIdPattern;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeNameForSends;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeValue;
import software.amazon.awssdk.services.sqs.model.SqsException;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReplayTest {

    private static final Replay.Settings ALL = settings(Selection.ALL, OptionalDouble.empty(), OptionalLong.empty());

    private StopSignal stop;
    private LocalCloud cloud;
    private TestQueue deadLetters;
    private TestQueue queue;

    @BeforeAll
    void start() {
        cloud = LocalCloud.start(CloudSettings.of(
                        Template.read(Path.of("cloudformation/pipeline.yaml")),
                        new FunctionCode.InProcess(environment -> new IngestHandler()))
                .withParameter("EventSourceEnabled", false));
        deadLetters = new TestQueue(cloud.sqs(), cloud.outputs().get("DeadLetterQueueUrl"));
        queue = new TestQueue(cloud.sqs(), cloud.outputs().get("QueueUrl"));
    }

    @AfterAll
    void stop() {
        cloud.close();
    }

    @BeforeEach
    void empty() {
        stop = new StopSignal();
        cloud.sqsFaults().heal();
        for (TestQueue one : List.of(deadLetters, queue)) {
            cloud.sqs().purgeQueue(request -> request.queueUrl(one.url()));
        }
    }

    @Test
    void bodyAttributesAndTraceHeaderArriveAsTheyWere() {
        String body = Uploads.body("patient-1.dcm") + " ";
        Map<String, MessageAttributeValue> attributes = Map.of(
                "origin",
                        MessageAttributeValue.builder()
                                .dataType("String")
                                .stringValue("by hand")
                                .build(),
                "checksum",
                        MessageAttributeValue.builder()
                                .dataType("Binary")
                                .binaryValue(SdkBytes.fromByteArray(new byte[] {0, -1, 7}))
                                .build());
        String trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
        cloud.sqs().sendMessage(request -> request.queueUrl(deadLetters.url())
                .messageBody(body)
                .messageAttributes(attributes)
                .messageSystemAttributes(Map.of(
                        MessageSystemAttributeNameForSends.AWS_TRACE_HEADER,
                        MessageSystemAttributeValue.builder()
                                .dataType("String")
                                .stringValue(trace)
                                .build())));

        replay(cloud.sqs(), ALL);

        Message arrived = cloud.sqs()
                .receiveMessage(request -> request.queueUrl(queue.url())
                        .messageAttributeNames("All")
                        .messageSystemAttributeNames(MessageSystemAttributeName.ALL))
                .messages()
                .getFirst();
        assertThat(arrived.body()).isEqualTo(body);
        assertThat(arrived.messageAttributes()).isEqualTo(attributes);
        assertThat(arrived.attributes()).containsEntry(MessageSystemAttributeName.AWS_TRACE_HEADER, trace);
    }

    @Test
    void whatWouldBeRejectedAgainStaysAndIsCounted() {
        deadLetters.send(List.of(Uploads.body("patient-1.dcm"), Uploads.body("scan.dcm"), "by hand"));

        ReplayCounts counts = replay(cloud.sqs(), ALL);

        assertThat(counts.stillRejected()).isEqualTo(Map.of("no-patient-id", 1L, "not-json", 1L));
        assertThat(counts.isClean()).isFalse();
        assertThat(queue.takeAll().values()).containsExactly(Uploads.body("patient-1.dcm"));
        assertThat(deadLetters.takeAll().values()).containsExactlyInAnyOrder(Uploads.body("scan.dcm"), "by hand");
    }

    @Test
    void forceSendsAlsoWhatWouldBeRejected() {
        deadLetters.send(List.of("by hand"));

        replay(
                cloud.sqs(),
                new Replay.Settings(Selection.ALL, true, false, false, OptionalDouble.empty(), OptionalLong.empty()));

        assertThat(queue.takeAll().values()).containsExactly("by hand");
    }

    @Test
    void aDryRunCountsAndLeavesEverything() {
        Map<String, String> before = deadLetters.send(bodies(30));

        ReplayCounts counts = replay(
                cloud.sqs(),
                new Replay.Settings(Selection.ALL, false, false, true, OptionalDouble.empty(), OptionalLong.empty()));

        assertThat(counts.selected()).isEqualTo(30);
        assertThat(queue.visible()).isZero();
        assertThat(deadLetters.takeAll()).isEqualTo(before);
    }

    @Test
    void theLimitIsTheMostThatIsSent() {
        deadLetters.send(bodies(50));

        replay(cloud.sqs(), settings(Selection.ALL, OptionalDouble.empty(), OptionalLong.of(7)));

        assertThat(queue.visible()).isEqualTo(7);
        assertThat(deadLetters.visible()).isEqualTo(43);
    }

    @Test
    void noMessageIsLostHoldOfWhileTheRateMakesItWait() {
        List<String> bodies = bodies(60);
        deadLetters.send(bodies);

        // Twice the visibility: without being held on to, the last ones would come again and go out twice.
        ReplayCounts counts = new Replay(
                        context(cloud.sqs(), Duration.ofSeconds(3)),
                        new SourceQueue(cloud.sqs(), queue.url()),
                        settings(Selection.ALL, OptionalDouble.of(10), OptionalLong.empty()))
                .run();

        assertThat(counts.deleted()).isEqualTo(60);
        assertThat(queue.takeAll().values()).containsExactlyInAnyOrderElementsOf(bodies);
    }

    @Test
    void entriesThatFailAreSentAgainUntilTheyAreAccepted() {
        List<String> bodies = bodies(200);
        deadLetters.send(bodies);
        FaultySqs faulty = new FaultySqs(cloud.sqs()).failSends(0.3, false).failDeletes(0.3);

        ReplayCounts counts = replay(faulty, ALL);

        assertThat(counts.isClean()).isTrue();
        assertThat(faulty.deletedUnsent).isEmpty();
        assertThat(queue.takeAll().values()).containsExactlyInAnyOrderElementsOf(bodies);
        assertThat(deadLetters.visible() + deadLetters.inFlight()).isZero();
    }

    @Test
    void whatSqsRefusesStaysInTheDeadLetterQueue() {
        List<String> bodies = bodies(100);
        deadLetters.send(bodies);
        FaultySqs faulty = new FaultySqs(cloud.sqs()).failSends(0.2, true);

        ReplayCounts counts = replay(faulty, ALL);

        assertThat(counts.refused()).containsKey("InternalError");
        assertThat(counts.isClean()).isFalse();
        assertThat(faulty.deletedUnsent).isEmpty();
        Set<String> left = new HashSet<>(queue.takeAll().values());
        Set<String> refused = new HashSet<>(deadLetters.takeAll().values());
        assertThat(refused).hasSize(Math.toIntExact(counts.refused().get("InternalError")));
        assertThat(left).doesNotContainAnyElementsOf(refused);
        left.addAll(refused);
        assertThat(left).isEqualTo(Set.copyOf(bodies));
    }

    @Test
    void aMessageWhoseReceiptHasExpiredIsDeletedWhenItComesAgain() {
        List<String> bodies = bodies(100);
        deadLetters.send(bodies);
        FaultySqs faulty = new FaultySqs(cloud.sqs()).expireReceipts(0.1);

        ReplayCounts counts =
                new Replay(context(faulty, Duration.ofSeconds(5)), new SourceQueue(faulty, queue.url()), ALL).run();

        assertThat(counts.deleted()).isEqualTo(100);
        assertThat(faulty.deletedUnsent).isEmpty();
        assertThat(queue.takeAll().values()).containsExactlyInAnyOrderElementsOf(bodies);
    }

    @Test
    void throttlingAndLostAnswersOnlyTakeTime() {
        List<String> bodies = bodies(200);
        deadLetters.send(bodies);
        cloud.sqsFaults().inject(Fault.THROTTLED, 0.2);
        cloud.sqsFaults().inject(Fault.ANSWER_LOST, 0.1, "SendMessageBatch", "DeleteMessageBatch");
        try (SqsClient sqs = throughTheFaults()) {
            FaultySqs faulty = new FaultySqs(sqs);

            ReplayCounts counts =
                    new Replay(context(faulty, Duration.ofSeconds(5)), new SourceQueue(faulty, queue.url()), ALL).run();

            assertThat(counts.isClean()).isTrue();
            assertThat(faulty.deletedUnsent).isEmpty();
        }
        cloud.sqsFaults().heal();
        assertThat(Set.copyOf(queue.takeAll().values())).isEqualTo(Set.copyOf(bodies));
        assertThat(deadLetters.visible() + deadLetters.inFlight()).isZero();
    }

    @Test
    void aRunThatFailsGivesBackWhatItHolds() {
        Map<String, String> before = deadLetters.send(bodies(50));
        FaultySqs broken = new FaultySqs(cloud.sqs()).breakSends();

        assertThatThrownBy(() -> replay(broken, ALL)).isInstanceOf(SqsException.class);

        assertThat(broken.deletedUnsent).isEmpty();
        assertThat(deadLetters.takeAll()).isEqualTo(before);
    }

    @Test
    void aStoppedRunGivesBackWhatItHolds() {
        List<String> bodies = bodies(50);
        deadLetters.send(bodies);
        stop.raise();

        assertThat(replay(cloud.sqs(), ALL).isComplete()).isFalse();
        assertThat(deadLetters.inFlight()).isZero();
        assertThat(deadLetters.takeAll().values()).containsExactlyInAnyOrderElementsOf(bodies);
    }

    private static Replay.Settings settings(Selection selection, OptionalDouble rate, OptionalLong limit) {
        return new Replay.Settings(selection, false, false, false, rate, limit);
    }

    private static List<String> bodies(int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> Uploads.body("patient-%05d.dcm".formatted(number)))
                .toList();
    }

    private ReplayCounts replay(SqsClient sqs, Replay.Settings settings) {
        return new Replay(context(sqs, HeldMessages.VISIBILITY), new SourceQueue(sqs, queue.url()), settings).run();
    }

    private RunContext context(SqsClient sqs, Duration visibility) {
        MessageExaminer examiner = new MessageExaminer(
                new MessageReader(PatientIdPattern.compile(PatientIdPattern.DEFAULT)),
                Optional.empty(),
                Optional.empty());
        return new RunContext(
                new DeadLetterQueue(sqs, deadLetters.url()), examiner, stop, InstantSource.system(), visibility);
    }

    /** Retries as the SDK does, which is less than the command line's clients do. */
    private SqsClient throughTheFaults() {
        return SqsClient.builder()
                .endpointOverride(cloud.sqsEndpoint())
                .region(Region.of(LocalCloud.REGION))
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .overrideConfiguration(override -> override.retryStrategy(retries -> retries.maxAttempts(10)))
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }
}
