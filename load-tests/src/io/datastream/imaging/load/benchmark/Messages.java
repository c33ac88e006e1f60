package io.datastream.imaging.load.benchmark;

import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import io.datastream.imaging.local.BucketEvents;
import io.datastream.imaging.local.UploadedObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import tools.jackson.databind.json.JsonMapper;

/** Queue messages of S3 events in their SNS envelope, as the pipeline has them: 1.7 kB each. */
final class Messages {

    /** Lambda's limit for the payload of an invocation, bytes. The event source sends a smaller batch if need be. */
    static final int PAYLOAD_LIMIT = 6 * 1024 * 1024;

    private static final Instant TIME = Instant.parse("2026-11-23T09:30:00.125Z");
    private static final String FOLDER = "ward-7/2026/11/23/";

    private Messages() {}

    static SQSEvent event(int first, int messages) {
        SQSEvent event = new SQSEvent();
        event.setRecords(IntStream.range(first, first + messages)
                .mapToObj(Messages::message)
                .toList());
        return event;
    }

    /** An invocation's payload. */
    record Payload(String json, List<String> messageIds) {

        /**
         * As Lambda's event source makes it of messages in a queue.
         *
         * @param messages at most so many, and no more than the payload's limit allows
         */
        static Payload of(int first, int messages) {
            return of(first, messages, FOLDER);
        }

        /** As above, of objects in a folder whose name ends in {@code /}. */
        static Payload of(int first, int messages, String folder) {
            StringBuilder json = new StringBuilder("{\"Records\":[");
            List<String> messageIds = new ArrayList<>();
            for (int number = first; number < first + messages; number++) {
                String record = JsonMapper.shared().writeValueAsString(queueRecord(number, folder));
                if (json.length() + record.length() + 3 > PAYLOAD_LIMIT) {
                    break;
                }
                json.append(messageIds.isEmpty() ? "" : ",").append(record);
                messageIds.add(messageId(number));
            }
            return new Payload(json.append("]}").toString(), messageIds);
        }
    }

    private static Map<String, Object> queueRecord(int number, String folder) {
        Map<String, Object> queueRecord = new LinkedHashMap<>();
        queueRecord.put("messageId", messageId(number));
        queueRecord.put("receiptHandle", "A".repeat(380));
        queueRecord.put("body", body(number, folder));
        queueRecord.put(
                "attributes",
                Map.of(
                        "ApproximateReceiveCount",
                        "1",
                        "SentTimestamp",
                        Long.toString(TIME.toEpochMilli() + 200),
                        "SenderId",
                        "AIDAISMY7JYY5F7RTT6AO",
                        "ApproximateFirstReceiveTimestamp",
                        Long.toString(TIME.toEpochMilli() + 240)));
        queueRecord.put("messageAttributes", Map.of());
        queueRecord.put("md5OfBody", "7b270e59b47ff90a553787216d55d91d");
        queueRecord.put("eventSource", "aws:sqs");
        queueRecord.put("eventSourceARN", "arn:aws:sqs:us-east-1:123456789012:imaging-Queue-1A2B3C4D5E6F");
        queueRecord.put("awsRegion", "us-east-1");
        return queueRecord;
    }

    private static String messageId(int number) {
        return "b5dfd7a2-96a6-4d3c-9c4b-%012d".formatted(number);
    }

    private static SQSMessage message(int number) {
        SQSMessage message = new SQSMessage();
        message.setMessageId(messageId(number));
        message.setBody(body(number, FOLDER));
        message.setAttributes(Map.of("SentTimestamp", Long.toString(TIME.toEpochMilli() + 200)));
        return message;
    }

    private static String body(int number, String folder) {
        UploadedObject upload = new UploadedObject(
                "ObjectCreated:Put",
                "radiology-uploads-prod",
                folder + "patient-%06d_series-%04d.dcm".formatted(number % 40, number),
                "d41d8cd98f00b204e9800998ecf8427e",
                Optional.of("096fKKXTRTtl3on89fVO.nfljtsv6%04d".formatted(number)),
                524_288 + number,
                "0055AED6DCD9028%04X".formatted(number),
                TIME);
        String event = BucketEvents.objectCreated(upload, "us-east-1", "e2f0d9a4-3f0e-4f6e-8f1b-6a4c3f1f2a10");
        return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(envelope(number, event));
    }

    private static Map<String, String> envelope(int number, String event) {
        Map<String, String> envelope = new LinkedHashMap<>();
        envelope.put("Type", "Notification");
        envelope.put("MessageId", "1f6fb5d7-2a52-5c5a-8e7c-%012d".formatted(number));
        envelope.put("TopicArn", "arn:aws:sns:us-east-1:123456789012:imaging-Topic-1A2B3C4D5E6F");
        envelope.put("Subject", "Amazon S3 Notification");
        envelope.put("Message", event);
        envelope.put("Timestamp", "2026-11-23T09:30:00.241Z");
        envelope.put("SignatureVersion", "1");
        envelope.put("Signature", "E".repeat(344));
        envelope.put("SigningCertURL", "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789.pem");
        envelope.put("UnsubscribeURL", "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe");
        return envelope;
    }
}
