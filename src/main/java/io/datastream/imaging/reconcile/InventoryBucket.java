package io.datastream.imaging.reconcile;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/** Reads inventories from S3. Nothing is used before its MD5 has been checked. */
public final class InventoryBucket {

    private final S3Client s3;
    private final Path folder;

    /**
     * Makes a reader of inventories.
     *
     * @param folder for the data file that is being read
     */
    public InventoryBucket(S3Client s3, Path folder) {
        this.s3 = s3;
        this.folder = folder;
    }

    /**
     * Reads a manifest.
     *
     * @param sourceBucket the bucket that must have been listed
     * @throws RefusedInventoryException if it is not there, not as its checksum says, or cannot be used
     */
    public Manifest manifest(InventoryFolder inventory, String sourceBucket) {
        String checksum = new String(
                read(inventory.bucketName(), inventory.checksumKey(), RefusalReason.MANIFEST_MISSING), US_ASCII);
        byte[] json = read(inventory.bucketName(), inventory.manifestKey(), RefusalReason.MANIFEST_MISSING);
        if (!HexFormat.of().formatHex(md5().digest(json)).equalsIgnoreCase(checksum.strip())) {
            throw new RefusedInventoryException(RefusalReason.MANIFEST_CHECKSUM_WRONG, "");
        }
        Manifest manifest = Manifest.parse(json);
        if (!manifest.sourceBucket().equals(sourceBucket)) {
            throw new RefusedInventoryException(RefusalReason.FOREIGN_BUCKET, "");
        }
        return manifest;
    }

    private byte[] read(String bucketName, String key, RefusalReason missing) {
        try (InputStream content = open(bucketName, key, missing)) {
            return content.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("reading a manifest", e);
        }
    }

    /**
     * Opens a data file whose MD5 is right. It is first written to disk, readable for this user only, and already
     * deleted while it is read: whatever ends the process, nothing of it stays.
     *
     * @param inventory where the manifest is
     * @param file one of the manifest's
     * @throws RefusedInventoryException if it is not there, not as the manifest says, or not gzip
     */
    public RowReader open(InventoryFolder inventory, Manifest manifest, Manifest.DataFile file) {
        try (ResponseInputStream<GetObjectResponse> content =
                open(inventory.bucketName(), file.key(), RefusalReason.DATA_FILE_MISSING)) {
            if (content.response().contentLength() > Files.getFileStore(folder).getUsableSpace()) {
                throw new RefusedInventoryException(
                        RefusalReason.DATA_FILE_TOO_LARGE, content.response().contentLength() + " bytes");
            }
            FileChannel onDisk = FileChannel.open(
                    folder.resolve(UUID.randomUUID().toString()),
                    Set.of(
                            StandardOpenOption.CREATE_NEW,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.DELETE_ON_CLOSE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            boolean opened = false;
            try {
                DigestInputStream digested = new DigestInputStream(content, md5());
                OutputStream out = Channels.newOutputStream(onDisk);
                digested.transferTo(out);
                if (!HexFormat.of()
                        .formatHex(digested.getMessageDigest().digest())
                        .equalsIgnoreCase(file.md5())) {
                    throw new RefusedInventoryException(RefusalReason.DATA_FILE_CHECKSUM_WRONG, "");
                }
                onDisk.position(0);
                RowReader rows = new RowReader(Channels.newInputStream(onDisk), manifest);
                opened = true;
                return rows;
            } finally {
                if (!opened) {
                    onDisk.close();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("reading a data file", e);
        }
    }

    private ResponseInputStream<GetObjectResponse> open(String bucketName, String key, RefusalReason missing) {
        try {
            return s3.getObject(get -> get.bucket(bucketName).key(key));
        } catch (S3Exception e) {
            String code = e.awsErrorDetails() == null ? "" : e.awsErrorDetails().errorCode();
            if (e.statusCode() == 404) {
                throw new RefusedInventoryException(missing, "", e);
            }
            if (e.statusCode() == 403 || code.startsWith("KMS.")) {
                throw new RefusedInventoryException(RefusalReason.NO_PERMISSION, code, e);
            }
            throw e;
        }
    }

    /**
     * Finds the newest inventory of a bucket by its folder's name.
     *
     * @param sourceBucket the bucket that was listed; its name is a part of the folder's path
     * @return empty if there is none yet
     */
    public Optional<InventoryFolder> newest(String bucketName, String sourceBucket) {
        return s3.listObjectsV2Paginator(list -> list.bucket(bucketName)).contents().stream()
                .map(S3Object::key)
                .filter(key ->
                        key.endsWith("/" + InventoryFolder.CHECKSUM) && ("/" + key).contains("/" + sourceBucket + "/"))
                .map(key -> InventoryFolder.of(bucketName, key))
                .max(Comparator.comparing(InventoryFolder::scanTime));
    }

    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JVM has MD5", impossible);
        }
    }
}
