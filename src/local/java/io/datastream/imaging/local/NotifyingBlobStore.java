package io.datastream.imaging.local;

import com.google.common.io.CountingInputStream;
import java.io.InputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.blobstore.ForwardingBlobStore;
import org.gaul.s3proxy.blobstore.domain.MultipartUpload;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.CopyObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;

/** Calls a listener with each stored object, before the uploader gets the response. */
final class NotifyingBlobStore extends ForwardingBlobStore {
    /** Prefix of the keys under which S3Proxy keeps the state of multipart uploads. */
    private static final String MULTIPART_STUB = ".s3proxy-mpu-stub-";

    private final Consumer<UploadedObject> listener;
    private final AtomicLong sequence = new AtomicLong();

    NotifyingBlobStore(BlobStore delegate, Consumer<UploadedObject> listener) {
        super(delegate);
        this.listener = listener;
    }

    @Override
    public PutObjectResponse putBlob(PutObjectRequest request, InputStream payload) {
        CountingInputStream counted = new CountingInputStream(payload);
        PutObjectResponse response = super.putBlob(request, counted);
        stored("Put", request.bucket(), request.key(), response.eTag(), response.versionId(), counted.getCount());
        return response;
    }

    @Override
    public CopyObjectResponse copyBlob(CopyObjectRequest request) {
        CopyObjectResponse response = super.copyBlob(request);
        String bucket = request.destinationBucket();
        String key = request.destinationKey();
        long size = size(bucket, key, response.versionId());
        stored("Copy", bucket, key, response.copyObjectResult().eTag(), response.versionId(), size);
        return response;
    }

    @Override
    public CompleteMultipartUploadResponse completeMultipartUpload(
            MultipartUpload upload, CompleteMultipartUploadRequest request) {
        CompleteMultipartUploadResponse response = super.completeMultipartUpload(upload, request);
        String bucket = upload.containerName();
        String key = upload.blobName();
        long size = size(bucket, key, response.versionId());
        stored("CompleteMultipartUpload", bucket, key, response.eTag(), response.versionId(), size);
        return response;
    }

    private long size(String bucket, String key, @Nullable String versionId) {
        return blobMetadata(HeadObjectRequest.builder()
                        .bucket(bucket)
                        .key(key)
                        .versionId(versionId)
                        .build())
                .contentLength();
    }

    private void stored(String event, String bucket, String key, String eTag, @Nullable String versionId, long size) {
        if (key.startsWith(MULTIPART_STUB)) {
            return;
        }
        listener.accept(new UploadedObject(
                "ObjectCreated:" + event,
                bucket,
                key,
                eTag.replace("\"", ""),
                Optional.ofNullable(versionId).filter(id -> !id.equals("null")),
                size,
                nextSequencer(),
                Instant.now().truncatedTo(ChronoUnit.MILLIS)));
    }

    /** Microseconds of the clock, or one more than the last: it grows, also from one run to the next. */
    private String nextSequencer() {
        Instant now = Instant.now();
        long micros = ChronoUnit.MICROS.between(Instant.EPOCH, now);
        return "%018X".formatted(sequence.updateAndGet(last -> Math.max(last + 1, micros)));
    }
}
