package io.datastream.imaging.local.run;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/** Every file of a folder, to be uploaded under its path in the folder. */
final class FolderUpload {
    private final SortedMap<String, Path> files = new TreeMap<>();

    /** @throws BadInputException if the folder has no file, or more than this process can hold */
    FolderUpload(Path folder) {
        long bytes;
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
            throw new BadInputException("%s holds %,d MB, the embedded S3 can hold %,d: choose a smaller folder"
                    .formatted(folder, bytes >> 20, room >> 20));
        }
    }

    /** How many files. */
    int size() {
        return files.size();
    }

    /** Uploads the files one after another; {@code failed} gets the key and the reason of each that S3 refuses. */
    void to(S3Client s3, String bucket, BiConsumer<String, String> failed) {
        files.forEach((key, file) -> {
            try {
                s3.putObject(request -> request.bucket(bucket).key(key), RequestBody.fromFile(file));
            } catch (SdkException | UncheckedIOException e) {
                failed.accept(key, e.getMessage());
            }
        });
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
