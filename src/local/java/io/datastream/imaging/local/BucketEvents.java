package io.datastream.imaging.local;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.UUID;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The messages that S3 sends to a topic or a queue, in the structure of
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
public final class BucketEvents {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    /** A made-up canonical user. */
    private static final String OWNER = "A3NL1KOZZKEXAMPLE";

    private BucketEvents() {}

    /** The event of a stored object, for the notification configuration with this ID. */
    public static String objectCreated(UploadedObject upload, String region, String configurationId) {
        ObjectNode message = JSON.createObjectNode();
        ObjectNode event = message.putArray("Records").addObject();
        event.put("eventVersion", "2.1");
        event.put("eventSource", "aws:s3");
        event.put("awsRegion", region);
        event.put("eventTime", TIME.format(upload.time()));
        event.put("eventName", upload.eventName());
        event.putObject("userIdentity").put("principalId", "AWS:AIDAEXAMPLE");
        event.putObject("requestParameters").put("sourceIPAddress", "127.0.0.1");
        event.putObject("responseElements")
                .put("x-amz-request-id", requestId())
                .put("x-amz-id-2", requestId() + requestId());
        ObjectNode s3 = event.putObject("s3");
        s3.put("s3SchemaVersion", "1.0");
        s3.put("configurationId", configurationId);
        ObjectNode bucket = s3.putObject("bucket");
        bucket.put("name", upload.bucket());
        bucket.putObject("ownerIdentity").put("principalId", OWNER);
        bucket.put("arn", "arn:aws:s3:::" + upload.bucket());
        ObjectNode object = s3.putObject("object");
        object.put("key", formUrlEncoded(upload.key()));
        object.put("size", upload.size());
        object.put("eTag", upload.eTag());
        upload.versionId().ifPresent(versionId -> object.put("versionId", versionId));
        object.put("sequencer", upload.sequencer());
        return JSON.writeValueAsString(message);
    }

    /** The event that S3 sends when a notification is set. */
    public static String test(String bucket) {
        ObjectNode message = JSON.createObjectNode();
        message.put("Service", "Amazon S3");
        message.put("Event", "s3:TestEvent");
        message.put("Time", TIME.format(Instant.now()));
        message.put("Bucket", bucket);
        message.put("RequestId", requestId());
        message.put("HostId", requestId() + requestId());
        return JSON.writeValueAsString(message);
    }

    /** Form encoding, as {@code application/x-www-form-urlencoded}; only the slash stays as it is. */
    static String formUrlEncoded(String key) {
        return URLEncoder.encode(key, StandardCharsets.UTF_8).replace("%2F", "/");
    }

    private static String requestId() {
        return "%016X".formatted(UUID.randomUUID().getMostSignificantBits());
    }
}
