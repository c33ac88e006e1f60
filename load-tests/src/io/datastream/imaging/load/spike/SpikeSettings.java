package io.datastream.imaging.load.spike;

import io.datastream.imaging.load.Options;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a run is to do, from the options named below.
 *
 * @param shape {@code -Dshape=}: steady, spike (the default), staircase or soak
 * @param uploads {@code -Duploads=}: how many, the poison files among them
 * @param duration {@code -Dseconds=}: over how long they are spread
 * @param seed {@code -Dseed=}: the same seed makes the same files
 * @param patients {@code -Dpatients=}: how many made-up patients there are
 * @param largestFile {@code -DlargestFile=}: bytes
 * @param chaos {@code -Dchaos=}: switches of {@link Chaos.Switch}, with commas between, or {@code all}
 * @param environments {@code -Denvironments=}: the most functions that this machine runs
 * @param maximumConcurrency {@code -DmaximumConcurrency=}: the template's parameter of this name
 * @param thresholds {@code -DmaximumP99=} and the others
 * @param stackOutputs {@code -Dpipeline.outputs=}: a file with the outputs of a deployed stack; absent, the cloud is embedded
 * @param former {@code -Dcompare=}: the summary.json of a former run
 */
record SpikeSettings(
        LoadShape shape,
        int uploads,
        Duration duration,
        int seed,
        int patients,
        int largestFile,
        Set<Chaos.Switch> chaos,
        int environments,
        int maximumConcurrency,
        Thresholds thresholds,
        Optional<Path> stackOutputs,
        Optional<FormerRun> former) {

    private static final String OUTPUTS = "pipeline.outputs";
    private static final Set<Chaos.Switch> SLOWS_NOTHING = Set.of(Chaos.Switch.POISON_FILES);

    private static final List<String> NAMES = List.of(
            "shape",
            "uploads",
            "seconds",
            "seed",
            "patients",
            "largestFile",
            "chaos",
            "environments",
            "maximumConcurrency",
            "maximumP50",
            "maximumP95",
            "maximumP99",
            "maximumPutP99",
            "maximumPutErrors",
            "compare",
            OUTPUTS);

    /** @throws IllegalArgumentException with one line that says which option is wrong and what to give */
    static SpikeSettings of(Options options) {
        options.refuseUnknown(NAMES);
        LoadShape shape = Options.choice("shape", options.text("shape").orElse("spike"), LoadShape.class);
        Set<Chaos.Switch> chaos = chaos(options.text("chaos").orElse(""));
        Optional<Path> stackOutputs = options.text(OUTPUTS).map(Path::of);
        if (stackOutputs.isPresent()) {
            if (!SLOWS_NOTHING.containsAll(chaos)) {
                throw new IllegalArgumentException(
                        "-Dchaos: a deployed stack takes only poison-files; leave the others out");
            }
            if (options.text("environments")
                    .or(() -> options.text("maximumConcurrency"))
                    .isPresent()) {
                throw new IllegalArgumentException("-Denvironments and -DmaximumConcurrency are of the embedded cloud;"
                        + " leave them out: a deployed stack has its own");
            }
        }
        return new SpikeSettings(
                shape,
                options.number("uploads", 1, 20_000),
                Duration.ofSeconds(options.number("seconds", 1, 80)),
                options.number("seed", 0, 1),
                options.number("patients", 1, 500),
                options.number("largestFile", 1, 16 << 10),
                chaos,
                options.number("environments", 1, 4),
                options.number("maximumConcurrency", 2, 2),
                Thresholds.of(options, shape.isBelowLimits() && SLOWS_NOTHING.containsAll(chaos)),
                stackOutputs,
                options.text("compare").map(Path::of).map(FormerRun::read));
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

    /** Of the run, and of its folder. */
    String name() {
        return Options.label(shape) + (chaos.isEmpty() ? "" : "-chaos") + (stackOutputs.isPresent() ? "-deployed" : "");
    }

    /** What the load is, by the name of the option. Runs with other values cannot be compared. */
    Map<String, Object> load() {
        Map<String, Object> load = new LinkedHashMap<>();
        load.put("shape", Options.label(shape));
        load.put("uploads", uploads);
        load.put("seconds", duration.toSeconds());
        load.put("seed", seed);
        load.put("patients", patients);
        load.put("largestFile", largestFile);
        load.put("chaos", chaos.stream().map(Options::label).collect(Collectors.joining(",")));
        if (stackOutputs.isEmpty()) {
            load.put("environments", environments);
            load.put("maximumConcurrency", maximumConcurrency);
        }
        return load;
    }

    /** What the load test sets in the embedded cloud's template. With its own times, a poison file takes 20 minutes to the DLQ. */
    Map<String, String> templateParameters() {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("MaximumConcurrency", String.valueOf(maximumConcurrency));
        if (!chaos.isEmpty()) {
            parameters.put("FunctionTimeout", "2");
            parameters.put("MaximumReceiveCount", "5");
        }
        return parameters;
    }
}
