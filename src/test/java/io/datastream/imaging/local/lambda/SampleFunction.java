package io.datastream.imaging.local.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse.BatchItemFailure;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A function whose message bodies are commands; results are the identifiers of its batch item failures. */
public final class SampleFunction implements RequestHandler<SQSEvent, SQSBatchResponse> {

    @Override
    public SQSBatchResponse handleRequest(SQSEvent event, Context context) {
        SQSMessage first = event.getRecords().getFirst();
        String answer =
                switch (first.getBody()) {
                    case "throw" -> throw new IllegalStateException("thrown on command");
                    case "hang" -> hang(context);
                    case "variables" -> String.join(",", System.getenv().keySet());
                    case "heap" -> Long.toString(Runtime.getRuntime().maxMemory() >> 20);
                    case "context" ->
                        String.join(
                                "|",
                                context.getFunctionName(),
                                Integer.toString(context.getMemoryLimitInMB()),
                                Boolean.toString(context.getRemainingTimeInMillis() > 0));
                    default -> describe(first);
                };
        return new SQSBatchResponse(List.of(new BatchItemFailure(answer)));
    }

    private static String hang(Context context) {
        context.getLogger().log("hanging\n");
        try {
            new CountDownLatch(1).await();
            return "";
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    private static String describe(SQSMessage message) {
        return String.join(
                "|",
                message.getMessageId(),
                message.getReceiptHandle(),
                message.getBody(),
                message.getMd5OfBody(),
                message.getAttributes().get("ApproximateReceiveCount"),
                message.getMessageAttributes().get("origin").getStringValue(),
                message.getMessageAttributes().get("origin").getDataType(),
                new String(
                        message.getMessageAttributes()
                                .get("bytes")
                                .getBinaryValue()
                                .array(),
                        StandardCharsets.UTF_8),
                message.getEventSource(),
                message.getEventSourceArn(),
                message.getAwsRegion());
    }

    /** A function that cannot be constructed. */
    public static final class Broken implements RequestHandler<SQSEvent, SQSBatchResponse> {

        public Broken() {
            throw new IllegalArgumentException("TABLE_NAME is not set");
        }

        @Override
        public SQSBatchResponse handleRequest(SQSEvent event, Context context) {
            throw new UnsupportedOperationException();
        }
    }

    /** A function whose process ends before it requests an invocation. */
    public static final class Exiting implements RequestHandler<SQSEvent, SQSBatchResponse> {

        public Exiting() {
            System.exit(3);
        }

        @Override
        public SQSBatchResponse handleRequest(SQSEvent event, Context context) {
            throw new UnsupportedOperationException();
        }
    }
}
