package io.datastream.imaging.simulation;

import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import io.datastream.imaging.deadletter.Drain;
import io.datastream.imaging.deadletter.DrivenReplay;
import io.datastream.imaging.ingest.DrivenFunction;
import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.PatientIdPattern;
import io.datastream.imaging.metadata.RecordKey;
import io.datastream.imaging.simulation.Step.Envelope;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * One run of a schedule: queue, event source, function and table, in one thread and under one clock. The function is the
 * real one. The checks run during the run and after it.
 */
final class Simulation {

    /** The template's times for {@code FunctionTimeout=5 MaximumReceiveCount=3}. */
    static final int FUNCTION_TIMEOUT_SECONDS = 5;

    static final int VISIBILITY_TIMEOUT_SECONDS = 31;
    static final int MAXIMUM_RECEIVE_COUNT = 3;

    /** An outage that is shorter puts nothing into the DLQ, less what a try may take. */
    private static final long BUDGET_MILLISECONDS =
            ((MAXIMUM_RECEIVE_COUNT - 1) * VISIBILITY_TIMEOUT_SECONDS - FUNCTION_TIMEOUT_SECONDS) * 1_000L;

    /** The function answers this long before its deadline. */
    private static final long MARGIN = SimulatedTime.millis(500);

    private static final Duration LONGEST_RUN = Duration.ofHours(4);

    /** Of a replay. */
    private static final long LONGEST_LEASE = Duration.ofMinutes(5).toNanos();

    private static final MessageReader FIRST_READER =
            new MessageReader(PatientIdPattern.compile(PatientIdPattern.DEFAULT));
    private static final String LATER_PATTERN = "(?:patient|scan)-(?<patientId>[0-9]+)(?:_.*)?\\.(?i:dcm)";
    private static final MessageReader LATER_READER = new MessageReader(PatientIdPattern.compile(LATER_PATTERN));

    private final Schedule schedule;
    private final Variant variant;
    private final @Nullable List<String> journal;
    private final Consumer<String> emitted;
    private final SplittableRandom random;
    private final SimulatedTime time;
    private final SimulatedTable table;
    private final SimulatedQueue queue;
    private final SimulatedReconciliation reconciliation;
    private final List<Step.Outage> outages = new ArrayList<>();
    private final List<Violation> violations = new ArrayList<>();

    /** The process with its function, or its invocation. */
    private final Map<SimulatedProcess, Variant.Function> functions = new HashMap<>();

    private final Map<SimulatedProcess, Invocation> invocations = new HashMap<>();
    private final Set<SimulatedProcess> operators = new HashSet<>();
    private final Deque<SimulatedProcess> idle = new ArrayDeque<>();
    private final SimulatedQueue deadLetters;
    private final Map<String, Step.Message> contents = new HashMap<>();
    private final Map<RecordKey, Map<String, AttributeValue>> expected = new HashMap<>();
    private final Map<RecordKey, Map<String, AttributeValue>> expectedRepairs = new HashMap<>();
    private final List<Upload> uploads = new ArrayList<>();
    private final List<Step.Inventory> inventories = new ArrayList<>();
    private final List<Step.Message> sent = new ArrayList<>();
    private final Set<Step.Message> acknowledged = new HashSet<>();
    private boolean laterPattern;
    private boolean polling;
    private int running;
    private int messageIds;
    private int invocationNumbers;

    private Simulation(Schedule schedule, Variant variant, @Nullable List<String> journal, Consumer<String> emitted) {
        this.emitted = emitted;
        this.schedule = schedule;
        this.variant = variant;
        this.journal = journal;
        this.random = new SplittableRandom(schedule.seed() + 1);
        this.time = new SimulatedTime(random);
        this.table = new SimulatedTable(this, time, random);
        this.reconciliation = new SimulatedReconciliation(this, time, random, table, variant);
        this.deadLetters = new SimulatedQueue(time, random, 0, Integer.MAX_VALUE, message -> {});
        this.queue = new SimulatedQueue(
                time, random, variant.visibilityTimeout(), variant.maximumReceiveCount(), this::dead);
    }

    /** Runs a schedule and returns the promises that it broke. */
    static List<Violation> run(Schedule schedule, Variant variant) {
        return run(schedule, variant, text -> {});
    }

    /**
     * Runs a schedule and returns the promises that it broke.
     *
     * @param emitted receives all that leaves a process: log lines, reports, failures, names of threads
     */
    static List<Violation> run(Schedule schedule, Variant variant, Consumer<String> emitted) {
        return new Simulation(schedule, variant, null, emitted).run();
    }

    /** Runs a schedule and tells what happened, one line each. */
    static List<String> journal(Schedule schedule, Variant variant) {
        List<String> lines = new ArrayList<>();
        new Simulation(schedule, variant, lines, text -> {}).run();
        return lines;
    }

    private List<Violation> run() {
        long end = 0;
        for (Step step : schedule.steps()) {
            time.at(SimulatedTime.millis(step.at()), () -> happen(step));
            end = Math.max(end, step instanceof Step.Outage outage ? outage.at() + outage.duration() : step.at());
        }
        runUntilIdle(LONGEST_RUN);
        // When all is well again, what is left in the DLQ is replayed: first without, then with what is rejected, if a
        // good upload is in the same message.
        for (boolean isForced : new boolean[] {false, true}) {
            if (deadLetters.messages().stream().anyMatch(message -> gainsByReplay(message, isForced))) {
                // After the leases that a killed operator has left.
                long start = Math.max(time.now(), SimulatedTime.millis(end)) + LONGEST_LEASE;
                time.at(start, () -> replay(isForced));
                runUntilIdle(LONGEST_RUN.multipliedBy(2));
            }
        }
        checkEnd();
        functions.keySet().forEach(SimulatedProcess::kill);
        time.runUntilIdle(Duration.ofNanos(time.now()));
        return violations;
    }

    /** Waits also for threads of the simulation that one of the JDK's own threads is about to wake up. */
    private void runUntilIdle(Duration end) {
        time.runUntilIdle(end);
        for (int look = 0; look < 20 && isUnfinished(); look++) {
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
            time.runUntilIdle(end);
        }
    }

    private boolean isUnfinished() {
        return running > 0 || !reconciliation.isDone() || !operators.isEmpty();
    }

    private void happen(Step step) {
        switch (step) {
            case Step.Message message -> {
                expect(message);
                for (long delay : message.delays()) {
                    time.after(SimulatedTime.millis(delay), () -> send(message));
                }
            }
            case Step.Outage outage -> outages.add(outage);
            case Step.Crash crash ->
                invocations.values().stream()
                        .filter(invocation -> !invocation.answered && !invocation.process.isDead())
                        .min((one, other) -> Integer.compare(one.number, other.number))
                        .ifPresent(invocation -> crash(invocation.process));
            case Step.Deployment deployment -> {
                laterPattern = true;
                idle.clear();
            }
            case Step.Replay replay -> replay(false);
            case Step.Inventory inventory -> {
                inventories.add(inventory);
                reconciliation.add(inventory, uploads);
            }
        }
    }

    private void expect(Step.Message message) {
        if (message.envelope() == Envelope.DELETION) {
            return;
        }
        uploads.addAll(message.uploads());
        if (message.delays().isEmpty()) {
            message.uploads().stream()
                    .filter(this::isEverDue)
                    .forEach(upload -> expectedRepairs.put(
                            new RecordKey(upload.fileKey(), upload.uploadId()), upload.repairedItem()));
            return;
        }
        boolean deploys = schedule.steps().stream().anyMatch(step -> step instanceof Step.Deployment);
        for (Upload upload : message.uploads()) {
            if (isGood(upload, deploys)) {
                expected.put(new RecordKey(upload.fileKey(), upload.uploadId()), upload.item());
            }
        }
    }

    private boolean isEverDue(Upload upload) {
        return schedule.steps().stream()
                .anyMatch(step ->
                        step instanceof Step.Inventory inventory && SimulatedReconciliation.isDue(upload, inventory));
    }

    /** The pattern of a function that starts now. */
    String pattern() {
        return laterPattern ? LATER_PATTERN : PatientIdPattern.DEFAULT;
    }

    /** A repair is in the table. */
    void repaired(RecordKey key, String inventoryName) {
        note("a record is repaired from inventory %s", inventoryName);
        boolean due = inventories.stream()
                .filter(inventory -> SimulatedReconciliation.name(inventory).equals(inventoryName))
                .anyMatch(inventory -> uploads.stream()
                        .filter(upload -> key.equals(new RecordKey(upload.fileKey(), upload.uploadId())))
                        .allMatch(upload -> SimulatedReconciliation.isDue(upload, inventory)));
        if (!due) {
            violated(Check.REPAIRS_WHAT_IS_DUE, "an upload was repaired whose message may have been on its way");
        }
    }

    private void send(Step.Message content) {
        String id = "m" + ++messageIds;
        sent.add(content);
        note("%s is in the queue: %s", id, content);
        String body = Bodies.of(content);
        contents.put(body, content);
        queue.send(new SimulatedQueue.Message(id, content, body, time.now()));
        startPolling();
    }

    private void dead(SimulatedQueue.Message message) {
        note("%s goes to the DLQ", message.id);
        deadLetters.send(new SimulatedQueue.Message(message.id, message.content, message.body, message.sent));
        if (message.unexplainedFailures > 0) {
            violated(Check.DLQ_FOR_A_REASON, message.id + " failed without a cause before it went to the DLQ");
        } else if (message.failuresByOtherFaults == 0 && schedule.outage() < BUDGET_MILLISECONDS) {
            violated(Check.DLQ_FOR_A_REASON, message.id + " went to the DLQ in an outage within the budget");
        }
    }

    /** The operator runs the real replay, in a process of its own. */
    private void replay(boolean isForced) {
        SimulatedProcess operator = new SimulatedProcess(time);
        operators.add(operator);
        SimulatedSqs sqs = new SimulatedSqs(this, operator, time, random, deadLetters);
        Set<String> before = new HashSet<>();
        deadLetters.messages().forEach(message -> before.add(message.id));
        note("a replay of %s begins", before);
        operator.execute(() -> {
            Drain.Report report = DrivenReplay.run(
                    variant.sqs(sqs),
                    SimulatedSqs.DEAD_LETTERS,
                    SimulatedSqs.UPLOADS,
                    laterPattern ? LATER_READER : FIRST_READER,
                    isForced,
                    duration -> operator.waits(duration.toNanos()),
                    time,
                    random);
            note(
                    "the replay ends: %s, %d deleted, complete: %b",
                    report.ending(), report.deleted(), report.isComplete());
            emitted.accept(report.toString());
            report.failure().ifPresent(failure -> emitted.accept(stackTrace(failure)));
            operators.remove(operator);
            deadLetters.messages().stream()
                    .filter(message -> before.contains(message.id) && !sqs.received.contains(message.id))
                    .filter(message -> report.isComplete())
                    .forEach(message -> violated(
                            Check.COMPLETE_MEANS_SEEN,
                            "the replay claims to be complete and has not seen " + message.id));
        });
    }

    private static String stackTrace(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    /** A message of the operator reaches the queue. Returns its new ID. */
    String sendAgain(String body) {
        String id = "m" + ++messageIds;
        note("%s is sent again: %s", id, contents.get(body));
        queue.send(new SimulatedQueue.Message(id, contents.get(body), body, time.now()));
        startPolling();
        return id;
    }

    /** Whether there is something in it that is not written as it must be, and would be now. */
    private boolean gainsByReplay(SimulatedQueue.Message message, boolean isForced) {
        return !isBad(message.content, laterPattern)
                || isForced
                        && keys(message.content, laterPattern).stream()
                                .anyMatch(key ->
                                        !expected.getOrDefault(key, Map.of()).equals(table.items.get(key)));
    }

    private void startPolling() {
        if (!polling) {
            polling = true;
            time.after(0, this::poll);
        }
    }

    private void poll() {
        polling = !queue.isEmpty() || running > 0;
        while (polling && running < schedule.concurrency()) {
            List<SimulatedQueue.Delivery> deliveries =
                    queue.receive(schedule.batchSize(), () -> hits(Fault.DELIVERED_TWICE));
            if (deliveries.isEmpty()) {
                break;
            }
            deliveries.stream()
                    .filter(delivery -> delivery.message().visibleAt <= time.now())
                    .forEach(delivery -> delivery.message().failuresByOtherFaults++);
            running++;
            long window = SimulatedTime.millis(random.nextLong(1_000));
            if (hits(Fault.LATE_START)) {
                window += SimulatedTime.millis(VISIBILITY_TIMEOUT_SECONDS * 1_000L);
                deliveries.forEach(delivery -> delivery.message().failuresByOtherFaults++);
            }
            time.after(window, () -> invoke(deliveries));
        }
        if (polling) {
            time.after(SimulatedTime.millis(200 + random.nextLong(800)), this::poll);
        }
    }

    private void invoke(List<SimulatedQueue.Delivery> deliveries) {
        SimulatedProcess process = idle.isEmpty() ? start() : idle.removeFirst();
        process.nextInvocation();
        boolean shortTime = hits(Fault.SHORT_TIME);
        Duration timeLeft =
                shortTime ? Duration.ofMillis(random.nextLong(900)) : Duration.ofSeconds(FUNCTION_TIMEOUT_SECONDS);
        long start = time.now();
        Invocation invocation = new Invocation(
                ++invocationNumbers, process, patternOf(process), deliveries, start + timeLeft.toNanos());
        invocation.otherFault = shortTime;
        invocations.put(process, invocation);
        note("invocation %d gets %s", invocation.number, ids(deliveries));
        if (hits(Fault.PAUSE)) {
            time.after(random.nextLong(timeLeft.toNanos() + 1), () -> pause(invocation));
        }
        SQSEvent event = event(deliveries);
        Variant.Function function = functions.get(process);
        process.execute(() -> {
            try {
                SQSBatchResponse response = function.handle(event, timeLeft);
                if (!process.isDead()) {
                    answered(invocation, start, response);
                }
            } catch (RuntimeException e) {
                emitted.accept(stackTrace(e));
                violated(Check.NEVER_THROWS, "invocation " + invocation.number + " threw " + e);
                finished(invocation, Set.of());
            }
        });
        time.at(invocation.deadline + 1, () -> {
            if (!invocation.answered && !process.isDead()) {
                if (!invocation.otherFault) {
                    violated(Check.ANSWERS_IN_TIME, "invocation " + invocation.number + " has not answered");
                }
                crash(process);
            }
        });
    }

    private void pause(Invocation invocation) {
        if (!invocation.answered) {
            note("invocation %d is paused", invocation.number);
            invocation.otherFault = true;
            invocation.process.pause(SimulatedTime.millis(random.nextLong(3_000)));
        }
    }

    private SimulatedProcess start() {
        SimulatedProcess process = new SimulatedProcess(time);
        DrivenFunction function = new DrivenFunction(
                laterPattern ? LATER_READER : FIRST_READER,
                variant.table(table.client(process)),
                SimulatedTable.NAME,
                process,
                random,
                time,
                process);
        functions.put(
                process, variant.function((event, timeLeft) -> function.handle(event, timeLeft, this::log), process));
        if (laterPattern) {
            later.add(process);
        }
        return process;
    }

    private final Set<SimulatedProcess> later = new HashSet<>();

    private boolean patternOf(SimulatedProcess process) {
        return later.contains(process);
    }

    void log(String line) {
        emitted.accept(line);
        if (line.contains(Upload.MARK)) {
            violated(Check.NOTHING_LEAKED, "a log line contains a name");
        }
    }

    /** Kills a process; the messages of its invocation stay in the queue. */
    void crash(SimulatedProcess process) {
        if (!process.isDead()) {
            Invocation invocation = invocations.get(process);
            note("the process of invocation %d is killed", invocation.number);
            invocation.otherFault = true;
            process.kill();
            idle.remove(process);
            finished(invocation, Set.of());
        }
    }

    /** A call of the function begins, in the calling thread. */
    Invocation callStarts(SimulatedProcess process) {
        Invocation invocation = invocations.get(process);
        if (invocation.answered || process.callerIsLeftOver()) {
            violated(Check.QUIET_AFTER_ANSWER, "a call is sent for invocation " + invocation.number + " or one before");
        }
        return invocation;
    }

    /** Draws what goes wrong with a call of an invocation. */
    @Nullable
    Fault faultOfCall(Invocation invocation) {
        Fault fault = faultOfCall();
        if (fault != null) {
            note("a call of invocation %d: %s", invocation.number, fault);
            if (fault.isOfDynamoDb()) {
                invocation.faultOfDynamoDb = true;
            } else {
                invocation.otherFault = true;
            }
        }
        return fault;
    }

    /** Draws what goes wrong with a call of an operator to SQS. */
    @Nullable
    Fault faultOfSqs() {
        emitted.accept(Thread.currentThread().getName());
        for (Fault fault : List.of(Fault.SQS_THROTTLED, Fault.SQS_ANSWER_LOST, Fault.SQS_SLOW, Fault.OPERATOR_CRASH)) {
            if (hits(fault)) {
                return fault;
            }
        }
        return null;
    }

    /** Draws what goes wrong with a call of DynamoDB. */
    @Nullable
    Fault faultOfCall() {
        emitted.accept(Thread.currentThread().getName());
        for (Step.Outage outage : outages) {
            boolean ofCall = outage.fault().isOfDynamoDb() || outage.fault() == Fault.CRASH_AT_WRITE;
            if (ofCall && hits(outage)) {
                return outage.fault();
            }
        }
        return null;
    }

    boolean hits(Fault fault) {
        for (Step.Outage outage : outages) {
            if (outage.fault() == fault && hits(outage)) {
                return true;
            }
        }
        return false;
    }

    private boolean hits(Step.Outage outage) {
        return time.now() < SimulatedTime.millis(outage.at() + outage.duration())
                && random.nextInt(100) < outage.percent();
    }

    private void answered(Invocation invocation, long start, SQSBatchResponse response) {
        Set<String> failed = new HashSet<>();
        response.getBatchItemFailures().forEach(failure -> failed.add(failure.getItemIdentifier()));
        note("invocation %d answers: failed %s", invocation.number, failed);
        if (time.now() > Math.max(start, invocation.deadline - MARGIN) && !invocation.otherFault) {
            violated(Check.ANSWERS_IN_TIME, "invocation " + invocation.number + " answered within the margin");
        }
        Set<String> known = new HashSet<>();
        invocation.deliveries.forEach(delivery -> known.add(delivery.message().id));
        if (!known.containsAll(failed)) {
            violated(Check.RESPONSE_IS_VALID, "invocation " + invocation.number + " names unknown messages");
            finished(invocation, Set.of());
            return;
        }
        Set<SimulatedQueue.Delivery> processed = new HashSet<>();
        for (SimulatedQueue.Delivery delivery : invocation.deliveries) {
            boolean reported = failed.contains(delivery.message().id);
            if (reported) {
                checkFailure(invocation, delivery.message());
            }
            if (!reported || !variant.reportBatchItemFailures()) {
                checkAcknowledgement(invocation, delivery.message());
                processed.add(delivery);
            }
        }
        finished(invocation, processed);
    }

    private void finished(Invocation invocation, Set<SimulatedQueue.Delivery> processed) {
        if (invocation.answered) {
            return;
        }
        invocation.answered = true;
        running--;
        for (SimulatedQueue.Delivery delivery : invocation.deliveries) {
            SimulatedQueue.Message message = delivery.message();
            if (processed.contains(delivery)) {
                boolean deleted = !hits(Fault.DELETE_LOST) && queue.delete(delivery);
                message.failuresByOtherFaults += deleted ? 0 : 1;
                if (deleted) {
                    acknowledged.add(message.content);
                }
            } else if (invocation.otherFault || isBad(message.content, invocation.laterPattern)) {
                message.failuresByOtherFaults++;
            } else if (!invocation.faultOfDynamoDb) {
                message.unexplainedFailures++;
            }
        }
        if (!invocation.process.isDead() && patternOf(invocation.process) == laterPattern) {
            idle.addFirst(invocation.process);
        }
    }

    private static boolean isBad(Step.Message message, boolean laterPattern) {
        return switch (message.envelope()) {
            case BROKEN -> true;
            case DELETION, TEST_EVENT -> false;
            case S3, S3_IN_SNS, EVENT_BRIDGE, EVENT_BRIDGE_IN_SNS ->
                keys(message, laterPattern).size() < message.uploads().size();
        };
    }

    private void checkFailure(Invocation invocation, SimulatedQueue.Message message) {
        if (isBad(message.content, invocation.laterPattern)) {
            return;
        }
        boolean confirmed = !invocation.otherFault;
        for (RecordKey key : keys(message.content, invocation.laterPattern)) {
            confirmed &= invocation.confirmed.contains(key);
        }
        if (confirmed || !invocation.otherFault && !invocation.faultOfDynamoDb) {
            violated(
                    Check.FAILED_FOR_A_REASON,
                    "invocation " + invocation.number + " reports " + message.id + ", which is good and written");
        }
    }

    private void checkAcknowledgement(Invocation invocation, SimulatedQueue.Message message) {
        if (isBad(message.content, invocation.laterPattern)) {
            violated(Check.ACKNOWLEDGED_WHEN_WRITTEN, message.id + " is bad and was acknowledged");
        }
        for (RecordKey key : keys(message.content, invocation.laterPattern)) {
            if (!table.items.containsKey(key)) {
                violated(
                        Check.ACKNOWLEDGED_WHEN_WRITTEN,
                        message.id + " was acknowledged by invocation " + invocation.number
                                + ", and a record of it is not in the table");
            }
        }
    }

    /** Of the uploads that a function with a pattern must record. */
    private static List<RecordKey> keys(Step.Message message, boolean laterPattern) {
        if (message.envelope() == Envelope.DELETION) {
            return List.of();
        }
        List<RecordKey> keys = new ArrayList<>();
        for (Upload upload : message.uploads()) {
            if (isGood(upload, laterPattern)) {
                keys.add(new RecordKey(upload.fileKey(), upload.uploadId()));
            }
        }
        return keys;
    }

    private static boolean isGood(Upload upload, boolean laterPattern) {
        return switch (upload.kind()) {
            case GOOD -> true;
            case GOOD_FOR_LATER_PATTERN -> laterPattern;
            case NO_PATIENT_ID, REFUSED_BY_TABLE -> false;
        };
    }

    private void checkEnd() {
        if (!queue.isEmpty() || isUnfinished()) {
            violated(
                    Check.ENDS,
                    "%d messages are still in the queue, %d invocations and %d replays run, inventories done: %b"
                            .formatted(queue.size(), running, operators.size(), reconciliation.isDone()));
        }
        Set<Step.Message> dead = new HashSet<>();
        for (SimulatedQueue.Message message : deadLetters.messages()) {
            dead.add(message.content);
            if (!isBad(message.content, laterPattern)) {
                violated(Check.DLQ_FOR_A_REASON, message.id + " is good and in the DLQ in the end");
            }
        }
        for (Step.Message message : sent) {
            if (!acknowledged.contains(message) && !dead.contains(message)) {
                violated(Check.NO_MESSAGE_LOST, "a message is neither acknowledged nor in the DLQ: " + message);
            }
        }
        table.items.replaceAll((key, item) -> withoutInventory(item));
        expected.putAll(expectedRepairs);
        if (!table.items.equals(expected)) {
            violated(Check.TABLE_EQUALS_MODEL, difference());
        }
    }

    /** Which of several inventories repaired a record does not matter, and was checked when it was written. */
    private static Map<String, AttributeValue> withoutInventory(Map<String, AttributeValue> item) {
        Map<String, AttributeValue> without = new HashMap<>(item);
        without.remove("inventory");
        return without;
    }

    private String difference() {
        Set<RecordKey> missing = new HashSet<>(expected.keySet());
        missing.removeAll(table.items.keySet());
        Set<RecordKey> superfluous = new HashSet<>(table.items.keySet());
        superfluous.removeAll(expected.keySet());
        Map<String, String> different = new TreeMap<>();
        expected.forEach((key, item) -> {
            Map<String, AttributeValue> actual = table.items.get(key);
            if (actual != null && !actual.equals(item)) {
                different.put(key.fileKey(), "expected " + item + " but the table has " + actual);
            }
        });
        return "missing " + missing.stream().map(RecordKey::fileKey).toList() + ", superfluous "
                + superfluous.stream()
                        .map(key -> key.fileKey() + " " + key.uploadId())
                        .toList() + ", different "
                + different.values();
    }

    void violated(Check check, String text) {
        note("VIOLATED %s: %s", check, text);
        violations.add(new Violation(check, text));
    }

    void note(String format, Object... values) {
        if (journal != null) {
            journal.add("%9.3f s  %s".formatted(time.now() / 1e9, format.formatted(values)));
        }
    }

    private static List<String> ids(List<SimulatedQueue.Delivery> deliveries) {
        return deliveries.stream()
                .map(delivery -> delivery.message().id + " (try " + delivery.receive() + ")")
                .toList();
    }

    private static SQSEvent event(List<SimulatedQueue.Delivery> deliveries) {
        List<SQSEvent.SQSMessage> messages = new ArrayList<>();
        for (SimulatedQueue.Delivery delivery : deliveries) {
            SQSEvent.SQSMessage message = new SQSEvent.SQSMessage();
            message.setMessageId(delivery.message().id);
            message.setReceiptHandle(delivery.message().id + "/" + delivery.receive());
            message.setBody(delivery.message().body);
            message.setAttributes(Map.of(
                    "SentTimestamp",
                    Long.toString(SimulatedTime.START.toEpochMilli() + delivery.message().sent / 1_000_000)));
            messages.add(message);
        }
        SQSEvent event = new SQSEvent();
        event.setRecords(messages);
        return event;
    }
}
