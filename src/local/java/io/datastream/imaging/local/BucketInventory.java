package io.datastream.imaging.local;

import io.datastream.imaging.local.template.PropertyMap;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.DeleteMarkerEntry;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsResponse;
import software.amazon.awssdk.services.s3.model.ObjectVersion;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The inventory of a bucket: all versions, as CSV. Files, layout and manifest are those of
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html
 *
 * @param bucket that is listed
 * @param folder of the inventories: the destination's prefix, the bucket and the configuration's ID
 * @param destination the bucket that receives the files
 * @param optionalFields some of {@code Size}, {@code LastModifiedDate} and {@code ETag}
 */
record BucketInventory(String bucket, String folder, String destination, List<String> optionalFields) {
    private static final DateTimeFormatter FOLDER_TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH-mm'Z'").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    private static final List<String> FIELDS = List.of("Bucket", "Key", "VersionId", "IsLatest", "IsDeleteMarker");

    BucketInventory {
        optionalFields = List.copyOf(optionalFields);
    }

    /**
     * The first inventory that the properties of a bucket configure.
     *
     * @throws io.datastream.imaging.local.template.TemplateException if it is not emulated
     */
    static BucketInventory of(String bucket, PropertyMap properties) {
        PropertyMap configuration =
                properties.objects("InventoryConfigurations").getFirst();
        PropertyMap destination =
                configuration.object("Destination").orElseThrow(() -> configuration.error("Destination", "is missing"));
        require(configuration, "Enabled", "true");
        require(configuration, "IncludedObjectVersions", "All");
        require(destination, "Format", "CSV");
        List<String> fields = configuration.texts("OptionalFields");
        if (!List.of("Size", "LastModifiedDate", "ETag").containsAll(fields)) {
            throw configuration.error("OptionalFields", "the embedded cloud lists size, time and eTag only");
        }
        String folder = destination.text("Prefix").map(prefix -> prefix + "/").orElse("") + bucket + "/"
                + configuration.requiredText("Id");
        return new BucketInventory(
                bucket, folder, destination.requiredText("BucketArn").replaceFirst("^.*:", ""), fields);
    }

    /**
     * Lists the bucket and writes the data files, the manifest and, last, its checksum.
     *
     * @param began when S3 began to list
     * @return how many rows
     */
    int deliver(S3Client s3, Instant began, int rowsPerFile) {
        List<String> rows = s3.listObjectVersionsPaginator(request -> request.bucket(bucket)).stream()
                .flatMap(this::rows)
                .toList();
        ObjectNode manifest = JsonMapper.shared().createObjectNode();
        manifest.put("sourceBucket", bucket);
        manifest.put("destinationBucket", "arn:aws:s3:::" + destination);
        manifest.put("version", "2016-11-30");
        manifest.put("creationTimestamp", Long.toString(began.toEpochMilli()));
        manifest.put("fileFormat", "CSV");
        manifest.put("fileSchema", String.join(", ", fields()));
        ArrayNode files = manifest.putArray("files");
        for (int from = 0; from < rows.size(); from += rowsPerFile) {
            byte[] data = gzip(rows.subList(from, Math.min(from + rowsPerFile, rows.size())));
            String key = folder + "/data/" + UUID.randomUUID() + ".csv.gz";
            put(s3, key, data);
            files.addObject().put("key", key).put("size", data.length).put("MD5checksum", md5(data));
        }
        byte[] json = JsonMapper.shared().writeValueAsBytes(manifest);
        String run = folder + "/" + FOLDER_TIME.format(began);
        put(s3, run + "/manifest.json", json);
        put(s3, run + "/manifest.checksum", md5(json).getBytes(StandardCharsets.US_ASCII));
        return rows.size();
    }

    private List<String> fields() {
        List<String> fields = new ArrayList<>(FIELDS);
        fields.addAll(optionalFields);
        return fields;
    }

    private Stream<String> rows(ListObjectVersionsResponse page) {
        return Stream.concat(
                page.versions().stream().map(this::row),
                page.deleteMarkers().stream().map(this::row));
    }

    private String row(ObjectVersion version) {
        return row(version.key(), version.versionId(), version.isLatest(), false, field -> switch (field) {
            case "Size" -> version.size().toString();
            case "ETag" -> version.eTag().replace("\"", "");
            default -> TIME.format(version.lastModified());
        });
    }

    /** A delete marker has no size and no eTag. */
    private String row(DeleteMarkerEntry marker) {
        return row(
                marker.key(),
                marker.versionId(),
                marker.isLatest(),
                true,
                field -> field.equals("LastModifiedDate") ? TIME.format(marker.lastModified()) : "");
    }

    private String row(
            String key,
            @Nullable String versionId,
            boolean latest,
            boolean deleteMarker,
            UnaryOperator<String> optional) {
        Stream<String> first = Stream.of(
                bucket,
                BucketEvents.formUrlEncoded(key),
                "null".equals(versionId) ? "" : Objects.requireNonNullElse(versionId, ""),
                Boolean.toString(latest),
                Boolean.toString(deleteMarker));
        return Stream.concat(first, optionalFields.stream().map(optional))
                .collect(Collectors.joining("\",\"", "\"", "\"\n"));
    }

    private void put(S3Client s3, String key, byte[] content) {
        s3.putObject(request -> request.bucket(destination).key(key), RequestBody.fromBytes(content));
    }

    private static byte[] gzip(List<String> rows) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (GZIPOutputStream compressed = new GZIPOutputStream(file)) {
            for (String row : rows) {
                compressed.write(row.getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file.toByteArray();
    }

    private static String md5(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void require(PropertyMap properties, String name, String value) {
        if (!properties.requiredText(name).equals(value)) {
            throw properties.error(name, "the embedded cloud emulates " + value + " only");
        }
    }
}
