package io.datastream.imaging.local;

import io.datastream.imaging.local.NotificationRequests.Answer;
import java.lang.reflect.Field;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import org.gaul.shaded.org.eclipse.jetty.server.Server;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;

/** S3 in memory, on 127.0.0.1, with bucket notifications. */
final class LocalS3 implements AutoCloseable {
    private final String region;
    private final S3Proxy server;
    private final BlobStore objects = new NotifyingBlobStore(new TransientNio2BlobStore(), this::stored);
    private final BiFunction<String, String, Consumer<String>> destinations;
    private final Map<String, List<BucketNotification>> notifications = new ConcurrentHashMap<>();
    private final List<BiConsumer<UploadedObject, Boolean>> listeners = new CopyOnWriteArrayList<>();

    /**
     * Starts to listen.
     *
     * @param port 0 for any free one
     * @param destinations gives, from a bucket and an ARN, where events go after a put of the bucket's notification;
     *     throws an IllegalArgumentException if S3 may not send there
     * @throws PortTakenException if the port is not free
     */
    LocalS3(int port, String region, BiFunction<String, String, Consumer<String>> destinations) {
        this.region = region;
        this.destinations = destinations;
        server = S3Proxy.builder()
                .blobStore(objects)
                .awsAuthentication(
                        AuthenticationType.AWS_V2_OR_V4, LocalCredentials.ACCESS_KEY, LocalCredentials.SECRET_KEY)
                .endpoint(URI.create("http://127.0.0.1:" + port))
                .build();
        answerNotificationRequests();
        try {
            server.start();
        } catch (java.io.IOException e) {
            throw new PortTakenException("S3", port, e);
        } catch (Exception e) {
            throw new IllegalStateException("S3 does not start", e);
        }
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getPort());
    }

    void createBucket(S3Client client, String bucket, boolean versioned) {
        client.createBucket(request -> request.bucket(bucket));
        if (versioned) {
            client.putBucketVersioning(request -> request.bucket(bucket)
                    .versioningConfiguration(versioning -> versioning.status(BucketVersioningStatus.ENABLED)));
        }
    }

    /**
     * Sets a bucket's notification; each destination gets S3's test event.
     *
     * @throws IllegalArgumentException if two configurations overlap
     */
    void setNotification(String bucket, List<BucketNotification> configurations) {
        for (BucketNotification one : configurations) {
            for (BucketNotification other : configurations) {
                if (one != other && one.overlaps(other)) {
                    throw new IllegalArgumentException("the filters of two configurations overlap for an event");
                }
            }
        }
        notifications.put(bucket, List.copyOf(configurations));
        configurations.forEach(configuration -> configuration.destination().accept(BucketEvents.test(bucket)));
    }

    /** Calls the listener with each stored object, and with whether a notification was sent for it. */
    void onUpload(BiConsumer<UploadedObject, Boolean> listener) {
        listeners.add(listener);
    }

    /** S3Proxy has no method that adds a handler. */
    private void answerNotificationRequests() {
        try {
            Field field = S3Proxy.class.getDeclaredField("server");
            field.setAccessible(true);
            Server jetty = (Server) field.get(server);
            jetty.setHandler(new NotificationRequests(jetty.getHandler(), this::notification, this::putNotification));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("another S3Proxy than expected", e);
        }
    }

    private Answer notification(String bucket) {
        return objects.containerExists(bucket)
                ? new Answer(200, NotificationConfigurationXml.write(notifications.getOrDefault(bucket, List.of())))
                : noSuchBucket(bucket);
    }

    private Answer putNotification(String bucket, byte[] xml) {
        if (!objects.containerExists(bucket)) {
            return noSuchBucket(bucket);
        }
        try {
            setNotification(bucket, NotificationConfigurationXml.read(xml, arn -> destinations.apply(bucket, arn)));
            return new Answer(200, "");
        } catch (IllegalArgumentException e) {
            return Answer.error(400, "InvalidArgument", e.getMessage());
        } catch (UnsupportedOperationException e) {
            return Answer.error(501, "NotImplemented", e.getMessage());
        }
    }

    private static Answer noSuchBucket(String bucket) {
        return Answer.error(404, "NoSuchBucket", "there is no bucket " + bucket);
    }

    private void stored(UploadedObject upload) {
        List<BucketNotification> matching = notifications.getOrDefault(upload.bucket(), List.of()).stream()
                .filter(configuration -> configuration.matches(upload))
                .toList();
        listeners.forEach(listener -> listener.accept(upload, !matching.isEmpty()));
        matching.forEach(configuration ->
                configuration.destination().accept(BucketEvents.objectCreated(upload, region, configuration.id())));
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("S3 does not stop", e);
        }
    }
}
