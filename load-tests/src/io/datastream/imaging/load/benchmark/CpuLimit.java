package io.datastream.imaging.load.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Limits the processor time of a process, in the way in which Lambda does it: by the kernel's bandwidth control, in
 * periods of 20 ms. It needs root and a version 1 hierarchy of control groups.
 */
final class CpuLimit implements AutoCloseable {

    /** With so much memory, a function gets one processor; with less, its share. */
    private static final double MEGABYTES_OF_ONE_PROCESSOR = 1769;

    private static final Path ROOT = Path.of("/sys/fs/cgroup/cpu");
    private static final int PERIOD_MICROSECONDS = 20_000;

    private final Path group;

    private CpuLimit(Path group) {
        this.group = group;
    }

    static boolean available() {
        return Files.isWritable(ROOT.resolve("cgroup.procs")) && Files.exists(ROOT.resolve("cpu.cfs_quota_us"));
    }

    /** Processors that Lambda gives to a function. */
    static double processors(int memorySize) {
        return memorySize / MEGABYTES_OF_ONE_PROCESSOR;
    }

    /** Limits a process to what Lambda gives a function of this memory, until this is closed. */
    static CpuLimit of(long pid, int memorySize) throws IOException {
        Path group = ROOT.resolve("imaging-billed-" + pid);
        Files.createDirectory(group);
        Files.writeString(group.resolve("cpu.cfs_period_us"), Integer.toString(PERIOD_MICROSECONDS));
        Files.writeString(
                group.resolve("cpu.cfs_quota_us"),
                Long.toString(Math.round(PERIOD_MICROSECONDS * processors(memorySize))));
        Files.writeString(group.resolve("cgroup.procs"), Long.toString(pid));
        return new CpuLimit(group);
    }

    @Override
    public void close() throws IOException {
        for (String pid : Files.readAllLines(group.resolve("cgroup.procs"))) {
            Files.writeString(ROOT.resolve("cgroup.procs"), pid);
        }
        Files.delete(group);
    }
}
