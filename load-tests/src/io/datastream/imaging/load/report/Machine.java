package io.datastream.imaging.load.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What a measurement was made on.
 *
 * @param commit of the working copy, with {@code +} if it has changes; {@code unknown} outside of one
 */
public record Machine(String processor, int processors, long memoryGigabytes, String jdk, String commit) {

    public static Machine here() {
        var system = java.lang.management.ManagementFactory.getPlatformMXBean(
                com.sun.management.OperatingSystemMXBean.class);
        return new Machine(
                processorName(),
                Runtime.getRuntime().availableProcessors(),
                Math.round(system.getTotalMemorySize() / 1e9),
                System.getProperty("java.vendor.version", "") + " " + Runtime.version(),
                checkedOut());
    }

    public String text() {
        return String.format(
                Locale.ROOT, "%d × %s, %d GB, JDK %s, commit %s", processors, processor, memoryGigabytes, jdk, commit);
    }

    private static String processorName() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException notLinux) {
            return System.getProperty("os.arch");
        }
    }

    private static String checkedOut() {
        try {
            Process git = new ProcessBuilder("git", "describe", "--always", "--dirty=+", "--exclude=*").start();
            String commit = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return commit.isEmpty() ? "unknown" : commit;
        } catch (IOException noGit) {
            return "unknown";
        }
    }
}
