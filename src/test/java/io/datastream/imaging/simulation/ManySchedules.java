package io.datastream.imaging.simulation;

import java.util.Optional;
import java.util.stream.Collectors;

/**
 * For a person: runs many schedules, or one. {@code java @target/test-class-path.args
 * io.datastream.imaging.simulation.ManySchedules 1000000 [FIRST_SEED] [BUG]}. Ends with 1 at the first violation, and prints
 * it.
 */
final class ManySchedules {

    private static final long CHUNK = 10_000;

    private ManySchedules() {}

    public static void main(String[] arguments) {
        long schedules = Long.parseLong(arguments[0]);
        long firstSeed = arguments.length > 1 ? Long.parseLong(arguments[1]) : 1;
        Variant variant = arguments.length > 2 ? Bug.valueOf(arguments[2]) : Variant.REAL;
        long start = System.nanoTime();
        for (long done = 0; done < schedules; done += CHUNK) {
            Optional<Search.Finding> finding =
                    Search.firstViolation(variant, firstSeed + done, Math.min(CHUNK, schedules - done));
            if (finding.isPresent()) {
                System.out.println(finding.get().shrunk());
                System.out.println(finding.get().violations().stream()
                        .map(Violation::check)
                        .distinct()
                        .map(Check::name)
                        .collect(Collectors.joining(
                                ", ", "seed " + finding.get().schedule().seed() + " before it was shrunk: ", "")));
                System.exit(1);
            }
            long now = Math.min(done + CHUNK, schedules);
            System.out.printf(
                    "%,d schedules without a violation, %,.0f a second%n",
                    now, now * 1e9 / (System.nanoTime() - start));
        }
    }
}
