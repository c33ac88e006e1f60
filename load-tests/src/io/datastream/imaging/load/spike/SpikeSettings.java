package io.datastream.imaging.load.spike;

import io.datastream.imaging.load.Options;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What a run is to do, from the system properties named below.
 *
 * @param pattern {@code -Dpattern=}: steady, spike (the default), staircase or soak
 * @param uploads {@code -Duploads=}: how many, the poison files among them
 * @param duration {@code -Dseconds=}: over how long they are spread
 * @param seed {@code -Dseed=}: the same seed makes the same files
 * @param patients {@code -Dpatients=}: how many made-up patients there are
 * @param largestFile {@code -DlargestFile=}: bytes
 * @param chaos {@code -Dchaos=}: switches of {@link Chaos.Switch}, with commas between, or {@code all}
 * @param executionEnvironments {@code -Denvironments=}: the most functions that this machine runs
 * @param maximumConcurrency {@code -DmaximumConcurrency=}: the template's limit of running functions
 * @param stackOutputs {@code -Dpipeline.outputs=}: a file with the outputs of a deployed stack; absent, the cloud is embedded
 */
record SpikeSettings(
        LoadPattern pattern,
        int uploads,
        Duration duration,
        long seed,
        int patients,
        int largestFile,
        Set<Chaos.Switch> chaos,
        int executionEnvironments,
        int maximumConcurrency,
        Optional<Path> stackOutputs) {

    SpikeSettings {
        if (uploads < 1 || !duration.isPositive() || patients < 1 || largestFile < 1) {
            throw new IllegalArgumentException("a run has uploads, a duration, patients and files that are not empty");
        }
        if (stackOutputs.isPresent() && !Files.isReadable(stackOutputs.get())) {
            throw new IllegalArgumentException(
                    "-Dpipeline.outputs=" + stackOutputs.get()
                            + ": no such file; make it with: aws cloudformation describe-stacks --stack-name NAME --query 'Stacks[0].Outputs'");
        }
        if (stackOutputs.isPresent() && !Set.of(Chaos.Switch.POISON_FILES).containsAll(chaos)) {
            throw new IllegalArgumentException("a deployed stack takes no chaos but poison-files");
        }
    }

    /** @throws IllegalArgumentException saying which option is wrong */
    static SpikeSettings fromSystemProperties() {
        return new SpikeSettings(
                Options.choice("pattern", System.getProperty("pattern", "spike"), LoadPattern.class),
                Options.positive("uploads", 20_000),
                Duration.ofSeconds(Options.positive("seconds", 80)),
                Options.positive("seed", 1),
                Options.positive("patients", 500),
                Options.positive("largestFile", 16 << 10),
                chaos(System.getProperty("chaos", "")),
                Options.positive("environments", 4),
                Options.positive("maximumConcurrency", 2),
                Optional.ofNullable(System.getProperty("pipeline.outputs")).map(Path::of));
    }

    private static Set<Chaos.Switch> chaos(String names) {
        Set<Chaos.Switch> switches = EnumSet.noneOf(Chaos.Switch.class);
        switch (names) {
            case "" -> {}
            case "all" -> switches.addAll(EnumSet.allOf(Chaos.Switch.class));
            default ->
                Arrays.stream(names.split(","))
                        .map(name -> Options.choice("chaos", name, Chaos.Switch.class))
                        .forEach(switches::add);
        }
        return switches;
    }
}
