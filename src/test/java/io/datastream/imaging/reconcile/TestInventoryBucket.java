package io.datastream.imaging.reconcile;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/** A bucket in memory with inventories as S3 writes them. */
final class TestInventoryBucket implements S3Client {

    static final String NAME = "inventories";
    static final String UPLOADS = "uploads";
    static final String SCHEMA =
            "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass";
    static final String FOLDER = "daily/uploads/all/2026-11-27T01-00Z/";
    static final Instant SCAN_TIME = Instant.parse("2026-11-27T01:00:00Z");

    final Map<String, byte[]> objects = new ConcurrentSkipListMap<>();
    private final List<String> files = new ArrayList<>();
    String schema = SCHEMA;
    String format = "CSV";
    String sourceBucket = UPLOADS;
    volatile @Nullable String errorCode;

    /** An object whose download never answers; null for none. */
    volatile @Nullable String hangingKey;

    /** What S3 says of a data file's length; null for the truth. */
    @Nullable
    Long contentLength;

    /** A row of the default schema, as S3 writes it. */
    static String row(String key, @Nullable String versionId, long size, Instant lastModified, String eTag) {
        return quoted(
                UPLOADS,
                encoded(key),
                versionId == null ? "" : versionId,
                "true",
                "false",
                Long.toString(size),
                lastModified.toString(),
                eTag,
                "STANDARD");
    }

    static String deleteMarker(String key, String versionId, Instant lastModified) {
        return quoted(UPLOADS, encoded(key), versionId, "true", "true", "", lastModified.toString(), "", "");
    }

    static String quoted(String... fields) {
        return List.of(fields).stream().collect(Collectors.joining("\",\"", "\"", "\""));
    }

    static String encoded(String key) {
        return URLEncoder.encode(key, UTF_8).replace("%2F", "/");
    }

    /** Adds a data file; {@link #finish} writes the manifest. */
    String add(List<String> rows) {
        return addContent(gzip(String.join("\n", rows) + "\n"));
    }

    String addContent(byte[] content) {
        String key = "daily/uploads/all/data/" + files.size() + ".csv.gz";
        objects.put(key, content);
        files.add("{\"key\":\"" + key + "\",\"size\":" + content.length + ",\"MD5checksum\":\"" + md5(content) + "\"}");
        return key;
    }

    void finish() {
        finish(FOLDER);
    }

    void finish(String folder) {
        byte[] manifest = ("{\"sourceBucket\":\"" + sourceBucket + "\",\"destinationBucket\":\"arn:aws:s3:::" + NAME
                        + "\",\"version\":\"2016-11-30\",\"creationTimestamp\":\"1795741200000\",\"fileFormat\":\""
                        + format + "\",\"fileSchema\":\"" + schema + "\",\"files\":[" + String.join(",", files) + "]}")
                .getBytes(UTF_8);
        objects.put(folder + "manifest.json", manifest);
        objects.put(folder + "manifest.checksum", md5(manifest).getBytes(UTF_8));
    }

    /** The notification of an inventory. */
    static String notification() {
        return """
                {"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventTime":"2026-11-27T03:12:00.000Z",\
                "eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"%s"},"object":{"key":"%smanifest.checksum","size":33}}}]}"""
                .formatted(NAME, FOLDER);
    }

    static byte[] gzip(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static String md5(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static String folderName(Instant time) {
        return DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH-mm'Z'")
                .withZone(ZoneOffset.UTC)
                .format(time);
    }

    @Override
    public ResponseInputStream<GetObjectResponse> getObject(GetObjectRequest request) {
        if (request.key().equals(hangingKey)) {
            TestTable.hang();
        }
        if (errorCode != null) {
            throw S3Exception.builder()
                    .statusCode(errorCode.equals("InternalError") ? 500 : errorCode.startsWith("KMS.") ? 400 : 403)
                    .awsErrorDetails(
                            AwsErrorDetails.builder().errorCode(errorCode).build())
                    .build();
        }
        byte[] content = request.bucket().equals(NAME) ? objects.get(request.key()) : null;
        if (content == null) {
            throw NoSuchKeyException.builder().statusCode(404).build();
        }
        return new ResponseInputStream<>(
                GetObjectResponse.builder()
                        .contentLength(contentLength == null ? (long) content.length : contentLength)
                        .build(),
                new ByteArrayInputStream(content));
    }

    @Override
    public ListObjectsV2Response listObjectsV2(ListObjectsV2Request request) {
        return ListObjectsV2Response.builder()
                .contents(objects.keySet().stream()
                        .map(key -> S3Object.builder().key(key).build())
                        .toList())
                .isTruncated(false)
                .build();
    }

    @Override
    public String serviceName() {
        return SERVICE_NAME;
    }

    @Override
    public void close() {}
}
