package io.datastream.imaging.local.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Execution(ExecutionMode.CONCURRENT)
class EventSourcePollerTest {

    private static final String QUEUE = "arn:aws:sqs:eu-west-1:000000000000:uploads";
    private static final String SUCCESS = "{\"batchItemFailures\":[]}";
    private static final Pattern BODY = Pattern.compile("\"body\":\"([^\"]*)\"");
    private static final EventSourceConfiguration TEN_AT_ONCE = configuration(10, 0);

    private static final Instant START = Instant.now();
    /** Runs as much faster as the queue's time does. */
    private static final InstantSource FAST = () -> START.plus(Duration.between(START, Instant.now())
            .multipliedBy(Duration.ofSeconds(1).dividedBy(FakeSqs.SECOND)));

    /** Messages reappear only where a test wants it, however slow the machine is. */
    private FakeSqs sqs = new FakeSqs(Duration.ofMinutes(5));

    private final BlockingQueue<List<String>> batches = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> log = new LinkedBlockingQueue<>();
    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable resource : opened) {
            resource.close();
        }
    }

    @Test
    void aQueueWhoseMessagesReappearBeforeTheFunctionsTimeoutIsRefused() {
        sqs = new FakeSqs(Duration.ofSeconds(1));
        FunctionFleet slow =
                new FunctionFleet(function(Duration.ofSeconds(2)), 2, () -> new FakeEnvironment(event -> ""));

        assertThatThrownBy(() -> EventSourcePoller.start(sqs, "url", QUEUE, TEN_AT_ONCE, slow, log::add))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Queue visibility timeout: 1 seconds is less than Function timeout: 2 seconds");
    }

    @Test
    void whatTheFunctionProcessedIsDeleted() {
        sqs.send(25);
        start(TEN_AT_ONCE, 2, event -> SUCCESS);

        await().until(() -> sqs.bodies().isEmpty());
        assertThat(batches).allSatisfy(batch -> assertThat(batch).hasSizeLessThanOrEqualTo(10));
        assertThat(batches.stream().mapToInt(List::size).sum()).isEqualTo(25);
    }

    @Test
    void aFullBatchDoesNotWaitForItsWindow() throws Exception {
        sqs.send(25);
        start(configuration(25, 300), 2, event -> SUCCESS);

        assertThat(batches.poll(30, TimeUnit.SECONDS)).hasSize(25);
    }

    @Test
    void aWindowThatIsOverEndsABatchThatIsNotFull() throws Exception {
        sqs.send(1);
        sqs.sendDuringReceive(2, "later");
        start(configuration(100, 5), 2, event -> SUCCESS);

        assertThat(batches.poll(30, TimeUnit.SECONDS)).containsExactly("message-0", "later");
    }

    @Test
    void aBatchIsNoLargerThanThePayloadLimitAndTheRestFollows() throws Exception {
        String large = "x".repeat(1_000_000);
        for (int i = 0; i < 8; i++) {
            sqs.send(i + large);
        }
        start(configuration(100, 1), 2, event -> SUCCESS);

        await().until(() -> sqs.bodies().isEmpty());
        // A message's ID is its body here, so that a record is twice as large. The batches are handed to the function
        // in any order: one that waits too long for its predecessor overtakes it.
        assertThat(batches).extracting(List::size).containsExactlyInAnyOrder(3, 3, 2);
    }

    @Test
    void onlyTheMessagesNamedAsFailedComeBackAndAfterTheirVisibilityTimeout() throws Exception {
        sqs = new FakeSqs(Duration.ofSeconds(20));
        sqs.send(3);
        start(TEN_AT_ONCE, 2, event -> event.contains("message-0") ? failure("message-1") : SUCCESS);

        assertThat(batches.poll(30, TimeUnit.SECONDS)).hasSize(3);
        assertThat(batches.poll(30, TimeUnit.SECONDS)).containsExactly("message-1");
        await().until(() -> sqs.bodies().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"not JSON", "{\"batchItemFailures\":[{\"itemIdentifier\":\"unknown\"}]}", "throw"})
    void aMalformedResponseOrAThrownErrorFailsTheWholeBatch(String response) throws Exception {
        sqs = new FakeSqs(Duration.ofSeconds(5));
        sqs.send(3);
        start(TEN_AT_ONCE, 2, event -> {
            if (response.equals("throw")) {
                throw new FunctionError("Test", "thrown");
            }
            return response;
        });

        assertThat(batches.poll(30, TimeUnit.SECONDS)).hasSize(3);
        assertThat(log.poll(30, TimeUnit.SECONDS)).startsWith("A batch of 3 messages failed: ");
        assertThat(batches.poll(30, TimeUnit.SECONDS)).hasSize(3);
        assertThat(sqs.bodies()).hasSize(3);
    }

    @Test
    void withoutReportedFailuresTheResponseIsNotRead() {
        sqs.send(3);
        start(new EventSourceConfiguration(10, Duration.ZERO, 2, false, true), 2, event -> failure("message-1"));

        await().until(() -> sqs.bodies().isEmpty());
    }

    @Test
    void aTrickleStaysInOneEnvironment() throws Exception {
        FunctionFleet fleet = start(configuration(1, 0), 4, event -> SUCCESS);
        for (int i = 0; i < 20; i++) {
            sqs.send("message-" + i);
            assertThat(batches.poll(30, TimeUnit.SECONDS)).containsExactly("message-" + i);
        }

        assertThat(fleet.started()).isEqualTo(1);
    }

    @Test
    void aBacklogIsWorkedOnAtTheMaximumConcurrencyAndNotAbove() throws Exception {
        CountDownLatch threeAtOnce = new CountDownLatch(3);
        sqs.send(60);
        EventSourceConfiguration configuration = new EventSourceConfiguration(10, Duration.ZERO, 3, true, true);
        FunctionFleet fleet = start(configuration, 8, event -> {
            threeAtOnce.countDown();
            threeAtOnce.await();
            return SUCCESS;
        });

        await().until(() -> sqs.bodies().isEmpty());
        assertThat(fleet.peakRunning()).isEqualTo(3);
    }

    @Test
    void aBatchDoesNotWaitBehindASlowOneWhileThereIsRoomForAnotherEnvironment() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        start(TEN_AT_ONCE, 2, event -> {
            if (event.contains("slow")) {
                release.await();
            }
            return SUCCESS;
        });
        sqs.send("slow");
        assertThat(batches.poll(30, TimeUnit.SECONDS)).containsExactly("slow");
        sqs.send("quick");

        assertThat(batches.poll(30, TimeUnit.SECONDS)).contains("quick");
        release.countDown();
    }

    @Test
    void refusedConnectionsAreRiddenOut() {
        start(TEN_AT_ONCE, 2, event -> SUCCESS);
        sqs.refuse(5);
        sqs.send(3);

        await().until(() -> sqs.bodies().isEmpty());
        assertThat(sqs.refusalsLeft()).isZero();
        assertThat(log).isNotEmpty();
    }

    @Test
    void entriesThatAreNotDeletedAreDeletedAgain() {
        sqs.failDeletions(3);
        sqs.send(10);
        start(TEN_AT_ONCE, 2, event -> SUCCESS);

        await().until(() -> sqs.bodies().isEmpty());
        assertThat(batches).hasSize(1);
    }

    @Test
    void aPausedEventSourceReceivesNothingUntilItIsResumed() throws Exception {
        EventSourcePoller poller = startPoller(TEN_AT_ONCE, fleet(2, event -> SUCCESS));
        poller.pause();
        int calls = sqs.receiveCalls();
        sqs.send(1);
        assertThat(batches.poll(300, TimeUnit.MILLISECONDS)).isNull();
        assertThat(sqs.receiveCalls()).isEqualTo(calls);

        poller.resume();
        assertThat(batches.poll(30, TimeUnit.SECONDS)).hasSize(1);
    }

    @Test
    void anEventSourceThatIsNotEnabledWaitsToBeResumed() throws Exception {
        sqs.send(1);
        EventSourceConfiguration disabled = new EventSourceConfiguration(10, Duration.ZERO, 2, true, false);
        EventSourcePoller poller = startPoller(disabled, fleet(2, event -> SUCCESS));
        assertThat(sqs.receiveCalls()).isZero();

        poller.resume();
        assertThat(batches.poll(30, TimeUnit.SECONDS)).hasSize(1);
    }

    @Test
    void closingEndsTheFunctionAtOnceAndLeavesItsMessages() throws Exception {
        FunctionFleet fleet = fleet(2, event -> {
            new CountDownLatch(1).await();
            return SUCCESS;
        });
        EventSourcePoller poller = startPoller(TEN_AT_ONCE, fleet);
        sqs.send(3);
        batches.poll(30, TimeUnit.SECONDS);
        poller.close();

        await().until(() -> fleet.running() == 0);
        assertThat(sqs.bodies()).hasSize(3);
        assertThat(log).isEmpty();
    }

    private FunctionFleet start(
            EventSourceConfiguration configuration, int limit, FakeEnvironment.Behaviour behaviour) {
        FunctionFleet fleet = fleet(limit, behaviour);
        startPoller(configuration, fleet);
        return fleet;
    }

    private EventSourcePoller startPoller(EventSourceConfiguration configuration, FunctionFleet fleet) {
        EventSourcePoller poller = EventSourcePoller.start(sqs, "url", QUEUE, configuration, fleet, log::add, FAST);
        opened.add(poller);
        return poller;
    }

    private FunctionFleet fleet(int limit, FakeEnvironment.Behaviour behaviour) {
        return new FunctionFleet(
                function(Duration.ofSeconds(1)),
                limit,
                () -> new FakeEnvironment(event -> {
                    batches.add(BODY.matcher(event)
                            .results()
                            .map(EventSourcePollerTest::body)
                            .toList());
                    return behaviour.respond(event);
                }));
    }

    private static String body(MatchResult match) {
        return match.group(1);
    }

    private static FunctionConfiguration function(Duration timeout) {
        return new FunctionConfiguration("sample", "$LATEST", "none", 256, timeout, Map.of());
    }

    private static EventSourceConfiguration configuration(int batchSize, int windowSeconds) {
        return new EventSourceConfiguration(batchSize, Duration.ofSeconds(windowSeconds), 10, true, true);
    }

    private static String failure(String messageId) {
        return "{\"batchItemFailures\":[{\"itemIdentifier\":\"" + messageId + "\"}]}";
    }
}
