package io.datastream.imaging.deadletter;

import io.datastream.imaging.local.CloudSettings;
import io.datastream.imaging.local.FunctionCode;
import io.datastream.imaging.local.LocalCloud;
import io.datastream.imaging.local.template.Template;
import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.PatientIdPattern;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/**
 * Messages a second of a filtered replay, side by side with the simplest loop: receive 10, send 10, delete 10. Every
 * call to the embedded SQS takes 10 ms longer, as a network would.
 */
final class ReplayBenchmark {

    private static final int MESSAGES = 5_000;
    private static final int ROUNDS = 3;
    private static final long MILLISECONDS = 10;

    private static final class DistantSqs extends ForwardingSqs {

        private final Executor later = CompletableFuture.delayedExecutor(MILLISECONDS, TimeUnit.MILLISECONDS);

        DistantSqs(SqsClient sqs) {
            super(sqs);
        }

        @Override
        protected <T> T passOn(Supplier<T> call) {
            CompletableFuture.runAsync(() -> {}, later).join();
            return super.passOn(call);
        }
    }

    private ReplayBenchmark() {}

    public static void main(String[] arguments) {
        System.setProperty("http.maxConnections", "48");
        try (LocalCloud cloud = LocalCloud.start(CloudSettings.of(
                        Template.read(Path.of("cloudformation/pipeline.yaml")),
                        new FunctionCode.Jar(Path.of("target/ingest-function.jar")))
                .withParameter("EventSourceEnabled", false))) {
            TestQueue deadLetters = new TestQueue(cloud.sqs(), cloud.outputs().get("DeadLetterQueueUrl"));
            String queueUrl = cloud.outputs().get("QueueUrl");
            SqsClient sqs = new DistantSqs(cloud.sqs());
            for (int round = 1; round <= ROUNDS; round++) {
                double loop = perSecond(deadLetters, () -> simplestLoop(sqs, deadLetters.url(), queueUrl));
                double replay = perSecond(deadLetters, () -> replay(sqs, deadLetters.url(), queueUrl));
                System.out.printf(
                        "round %d: simplest loop %,.0f/s, filtered replay %,.0f/s, ratio %.1f%n",
                        round, loop, replay, replay / loop);
            }
        }
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

    /** Its time includes the long polls of a second that tell it the queue is empty. */
    private static void replay(SqsClient sqs, String from, String to) {
        MessageExaminer examiner = new MessageExaminer(
                new MessageReader(PatientIdPattern.compile(PatientIdPattern.DEFAULT)),
                Optional.empty(),
                Optional.empty());
        Selection selection = new Selection(Set.of(), Optional.of("ward/"), Optional.empty(), Optional.empty());
        new Replay(
                        RunContext.of(new DeadLetterQueue(sqs, from), examiner, new StopSignal()),
                        new SourceQueue(sqs, to),
                        new Replay.Settings(
                                selection, false, false, false, OptionalDouble.empty(), OptionalLong.empty()))
                .run();
    }
}
