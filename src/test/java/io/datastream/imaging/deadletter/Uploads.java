package io.datastream.imaging.deadletter;

/** Bodies of messages as S3 sends them, for as many uploads as a test needs. */
public final class Uploads {

    private Uploads() {}

    /** One upload of a key that needs no encoding. */
    public static String body(String key) {
        return body(key, "2.1");
    }

    /** The same in an event of another version. */
    public static String body(String key, String eventVersion) {
        return """
                {"Records":[{"eventVersion":"%s","eventSource":"aws:s3","awsRegion":"us-east-1",\
                "eventTime":"2026-11-23T09:30:00.125Z","eventName":"ObjectCreated:Put",\
                "s3":{"s3SchemaVersion":"1.0","configurationId":"uploads",\
                "bucket":{"name":"radiology-uploads-prod","arn":"arn:aws:s3:::radiology-uploads-prod"},\
                "object":{"key":"%s","size":524288,"eTag":"d41d8cd98f00b204e9800998ecf8427e",\
                "versionId":"3HL4kqtJvjVBH40Nrjfkd1a2b3c4d5e6","sequencer":"0055AED6DCD90281E5"}}}]}"""
                .formatted(eventVersion, key);
    }
}
