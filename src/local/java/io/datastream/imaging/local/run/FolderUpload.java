package io.datastream.imaging.local.run;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/** Every file of a folder, to be uploaded under its path in the folder. Large ones go in parts. */
final class FolderUpload {
    /** As the AWS CLI does it, {@code multipart_threshold}. */
    private static final long LARGEST_SINGLE_PUT = 8 << 20;

    private static final int PART_SIZE = 8 << 20;

    private final SortedMap<String, Path> files = new TreeMap<>();
    private final long bytes;

    /** @throws BadInputException if the folder has no file, or more than this process can hold */
    FolderUpload(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            all.filter(Files::isRegularFile)
                    .forEach(file ->
                            files.put(folder.relativize(file).toString().replace(File.separatorChar, '/'), file));
            bytes = files.values().stream().mapToLong(FolderUpload::size).sum();
        } catch (IOException | UncheckedIOException e) {
            throw new BadInputException("cannot read all of " + folder + ": check its permissions");
        }
        if (files.isEmpty()) {
            throw new BadInputException("there is no file in " + folder + "; name another with --upload FOLDER");
        }
        // The embedded S3 keeps all objects in memory.
        long room = Runtime.getRuntime().maxMemory() / 2;
        if (bytes > room) {
            throw new BadInputException("%s holds %,d MB, the embedded S3 has room for %,d: choose a smaller folder"
                    .formatted(folder, bytes >> 20, room >> 20));
        }
    }

    Set<String> keys() {
        return Set.copyOf(files.keySet());
    }

    /** Uploads the files one after another; what S3 does not take is told to {@code failed} and left out. */
    void to(S3Client s3, String bucket, BiConsumer<String, String> failed) {
        files.forEach((key, file) -> {
            try {
                if (size(file) > LARGEST_SINGLE_PUT) {
                    inParts(s3, bucket, key, file);
                } else {
                    s3.putObject(request -> request.bucket(bucket).key(key), RequestBody.fromFile(file));
                }
            } catch (SdkException | UncheckedIOException e) {
                failed.accept(key, e.getMessage());
            }
        });
    }

    private static void inParts(S3Client s3, String bucket, String key, Path file) {
        String uploadId = s3.createMultipartUpload(
                        request -> request.bucket(bucket).key(key))
                .uploadId();
        List<CompletedPart> parts = new ArrayList<>();
        try (InputStream content = Files.newInputStream(file)) {
            byte[] bytes = content.readNBytes(PART_SIZE);
            while (bytes.length > 0) {
                RequestBody body = RequestBody.fromBytes(bytes);
                int number = parts.size() + 1;
                String eTag = s3.uploadPart(
                                part -> part.bucket(bucket)
                                        .key(key)
                                        .uploadId(uploadId)
                                        .partNumber(number),
                                body)
                        .eTag();
                parts.add(CompletedPart.builder().partNumber(number).eTag(eTag).build());
                bytes = content.readNBytes(PART_SIZE);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        s3.completeMultipartUpload(request ->
                request.bucket(bucket).key(key).uploadId(uploadId).multipartUpload(upload -> upload.parts(parts)));
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
