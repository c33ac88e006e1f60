package io.datastream.imaging.load.benchmark;

import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.amazonaws.services.lambda.runtime.events.SQSEvent.SQSMessage;
import io.datastream.imaging.local.BucketEvents;
import io.datastream.imaging.local.UploadedObject;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import tools.jackson.databind.json.JsonMapper;

/** Queue messages of S3 events in their SNS envelope, as the pipeline has them: 1.7 kB each. */
final class Messages {

    private static final Instant TIME = Instant.parse("2026-11-23T09:30:00.125Z");

    private Messages() {}

    static SQSEvent event(int first, int messages) {
        SQSEvent event = new SQSEvent();
        event.setRecords(IntStream.range(first, first + messages)
                .mapToObj(Messages::message)
                .toList());
        return event;
    }

    private static SQSMessage message(int number) {
        SQSMessage message = new SQSMessage();
        message.setMessageId("b5dfd7a2-96a6-4d3c-9c4b-%012d".formatted(number));
        message.setBody(body(number));
        message.setAttributes(Map.of("SentTimestamp", Long.toString(TIME.toEpochMilli() + 200)));
        return message;
    }

    private static String body(int number) {
        UploadedObject upload = new UploadedObject(
                "ObjectCreated:Put",
                "radiology-uploads-prod",
                "ward-7/2026/11/23/patient-%06d_series-%04d.dcm".formatted(number % 40, number),
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
