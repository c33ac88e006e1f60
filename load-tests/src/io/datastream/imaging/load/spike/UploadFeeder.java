package io.datastream.imaging.load.spike;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Made-up files of made-up patients, the same for the same seed: a few patients have most of the files, a few files are
 * large, one in twenty is uploaded again under its name, and, optionally, one in two hundred has no patient ID.
 */
final class UploadFeeder implements Iterator<Map<String, Object>> {

    static final String KEY = "objectKey";
    static final String PATIENT = "patientId";
    static final String SIZE = "size";

    private static final double AGAIN = 0.05;
    private static final double POISON = 0.005;
    private static final int SMALLEST_FILE = 128;

    private final String prefix;
    private final int patients;
    private final int largestFile;
    private final boolean poisoned;
    private final SplittableRandom random;
    private final List<Map<String, Object>> earlier = new ArrayList<>();
    private int number;

    /** @param prefix every key begins with it */
    UploadFeeder(String prefix, SpikeSettings settings) {
        this.prefix = prefix;
        this.patients = settings.patients();
        this.largestFile = settings.largestFile();
        this.poisoned = settings.chaos().contains(Chaos.Switch.POISON_FILES);
        this.random = new SplittableRandom(settings.seed());
    }

    @Override
    public boolean hasNext() {
        return true;
    }

    @Override
    public Map<String, Object> next() {
        number++;
        if (poisoned && random.nextDouble() < POISON) {
            return file("%sscan-%06d.dcm".formatted(prefix, number), Optional.empty());
        }
        if (!earlier.isEmpty() && random.nextDouble() < AGAIN) {
            Map<String, Object> again = earlier.get(random.nextInt(earlier.size()));
            return Map.of(KEY, again.get(KEY), PATIENT, again.get(PATIENT), SIZE, size());
        }
        // The square favours the low numbers: a tenth of the patients has a third of the files.
        double draw = random.nextDouble();
        String patient = "%05d".formatted((int) (draw * draw * patients));
        String key = "%sward %d/patient-%s_série-%06d.dcm".formatted(prefix, number % 7, patient, number);
        Map<String, Object> file = file(key, Optional.of(patient));
        earlier.add(file);
        return file;
    }

    private Map<String, Object> file(String key, Optional<String> patient) {
        return Map.of(KEY, key, PATIENT, patient, SIZE, size());
    }

    /** As many files between 1 and 2 kB as between 10 and 20. */
    private int size() {
        int smallest = Math.min(SMALLEST_FILE, largestFile);
        return (int) (smallest * Math.pow((double) largestFile / smallest, random.nextDouble()));
    }
}
