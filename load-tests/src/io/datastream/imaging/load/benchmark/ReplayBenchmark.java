package io.datastream.imaging.load.benchmark;

import io.datastream.imaging.deadletter.Cancellation;
import io.datastream.imaging.deadletter.Drain;
import io.datastream.imaging.deadletter.MessageExaminer;
import io.datastream.imaging.deadletter.Queue;
import io.datastream.imaging.deadletter.Replay;
import io.datastream.imaging.deadletter.Retries;
import io.datastream.imaging.deadletter.Selection;
import io.datastream.imaging.deadletter.TestQueue;
import io.datastream.imaging.deadletter.Uploads;
import io.datastream.imaging.local.CloudSettings;
import io.datastream.imaging.local.FunctionCode;
import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.local.template.Template;
import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.PatientIdPattern;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/**
 * Messages a second of a filtered replay beside the simplest loop: receive ten, send ten, delete ten. Every call to the
 * embedded SQS takes longer by {@code -Ddelay} milliseconds, as over a network.
 */
final class ReplayBenchmark {

    private static final int MESSAGES = Integer.getInteger("messages", 5_000);
    private static final int ROUNDS = Integer.getInteger("rounds", 3);
    private static final int DELAY = Integer.getInteger("delay", 10);

    private ReplayBenchmark() {}

    public static void main(String[] arguments) {
        System.setProperty("http.maxConnections", "48");
        try (LocalCloud cloud = LocalCloud.start(CloudSettings.of(
                        Template.read(Path.of("cloudformation/pipeline.yaml")),
                        new FunctionCode.Jar(Path.of("target/ingest-function.jar")))
                .withParameter("EventSourceEnabled", false))) {
            TestQueue deadLetters = new TestQueue(cloud.sqs(), cloud.outputs().get("DeadLetterQueueUrl"));
            String queueUrl = cloud.outputs().get("QueueUrl");
            SqsClient sqs = distant(cloud.sqs());
            for (int round = 1; round <= ROUNDS; round++) {
                double loop = perSecond(deadLetters, () -> simplestLoop(sqs, deadLetters.url(), queueUrl));
                double replay = perSecond(deadLetters, () -> replay(sqs, deadLetters.url(), queueUrl));
                System.out.printf(
                        "round %d, %d ms a call: simplest loop %,.0f/s, filtered replay %,.0f/s, ratio %.1f%n",
                        round, DELAY, loop, replay, replay / loop);
            }
        }
    }

    /** The same client, with a pause before each call. */
    private static SqsClient distant(SqsClient sqs) {
        return (SqsClient) Proxy.newProxyInstance(
                SqsClient.class.getClassLoader(), new Class<?>[] {SqsClient.class}, (proxy, method, values) -> {
                    if (method.isDefault() && isRequestByConsumer(values)) {
                        return java.lang.reflect.InvocationHandler.invokeDefault(proxy, method, values);
                    }
                    Thread.sleep(DELAY);
                    try {
                        return method.invoke(sqs, values);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** Such a call becomes one with a request, which is the one to delay. */
    private static boolean isRequestByConsumer(Object[] values) {
        return values != null && values.length == 1 && values[0] instanceof java.util.function.Consumer;
    }

    private static double perSecond(TestQueue deadLetters, Runnable work) {
        deadLetters.send(IntStream.range(0, MESSAGES)
                .mapToObj(number -> Uploads.body("ward/patient-%05d.dcm".formatted(number)))
                .toList());
        long start = System.nanoTime();
        work.run();
        double seconds = (System.nanoTime() - start) / 1e9;
        if (deadLetters.visible() + deadLetters.inFlight() > 0) {
            throw new IllegalStateException("messages are left");
        }
        return MESSAGES / seconds;
    }

    private static void simplestLoop(SqsClient sqs, String from, String to) {
        while (true) {
            List<Message> messages = sqs.receiveMessage(
                            request -> request.queueUrl(from).maxNumberOfMessages(10))
                    .messages();
            if (messages.isEmpty()) {
                return;
            }
            sqs.sendMessageBatch(request -> request.queueUrl(to)
                    .entries(messages.stream()
                            .map(message -> SendMessageBatchRequestEntry.builder()
                                    .id(message.messageId())
                                    .messageBody(message.body())
                                    .build())
                            .toList()));
            sqs.deleteMessageBatch(request -> request.queueUrl(from)
                    .entries(messages.stream()
                            .map(message -> DeleteMessageBatchRequestEntry.builder()
                                    .id(message.messageId())
                                    .receiptHandle(message.receiptHandle())
                                    .build())
                            .toList()));
        }
    }

    /** Its time includes the long polls of a second that find the queue empty. */
    private static void replay(SqsClient sqs, String from, String to) {
        Cancellation cancellation = new Cancellation();
        InstantSource clock = InstantSource.system();
        Retries retries = new Retries(cancellation, clock, new Random());
        Selection selection = new Selection(Set.of(), Optional.of("ward/"), Optional.empty(), Optional.empty());
        Replay replay = new Replay(
                new Queue(sqs, to, retries),
                new Replay.Settings(selection, false, false, false, OptionalDouble.empty(), OptionalLong.empty()),
                cancellation,
                clock);
        MessageExaminer examiner = new MessageExaminer(
                new MessageReader(PatientIdPattern.compile(PatientIdPattern.DEFAULT)), Optional.empty());
        Drain.Report report = new Drain(new Queue(sqs, from, retries), examiner, replay, cancellation, clock).run();
        if (!report.isComplete()) {
            throw new IllegalStateException("the replay ended because of " + report.ending());
        }
    }
}
