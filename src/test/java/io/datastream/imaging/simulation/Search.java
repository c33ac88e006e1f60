package io.datastream.imaging.simulation;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Looks for a schedule that breaks a promise. */
final class Search {

    /**
     * A schedule that breaks a promise.
     *
     * @param schedules how many were run, this one included
     */
    record Finding(Schedule schedule, Variant variant, List<Violation> violations, long schedules) {

        /** Smaller, with the same first check broken. */
        Finding shrunk() {
            Check check = violations.getFirst().check();
            Schedule smallest = Shrinking.shrink(schedule, candidate -> Simulation.run(candidate, variant).stream()
                    .anyMatch(violation -> violation.check() == check));
            return new Finding(smallest, variant, Simulation.run(smallest, variant), schedules);
        }

        /** What a person needs: what breaks, the schedule, and what happened in it. */
        @Override
        public String toString() {
            return violations.stream()
                            .map(violation -> violation.check() + ": " + violation.text() + "\n")
                            .collect(Collectors.joining())
                    + "\n" + schedule + "\n" + String.join("\n", Simulation.journal(schedule, variant)) + "\n";
        }
    }

    private Search() {}

    /** Runs schedules of consecutive seeds until one breaks a promise. */
    static Optional<Finding> firstViolation(Variant variant, long firstSeed, long schedules) {
        return first(variant, firstSeed, schedules, violations -> !violations.isEmpty());
    }

    /** Runs schedules of consecutive seeds until a check notices something. */
    static Optional<Finding> firstNoticedBy(Check check, Variant variant, long firstSeed, long schedules) {
        return first(variant, firstSeed, schedules, violations -> violations.stream()
                .anyMatch(violation -> violation.check() == check));
    }

    private static Optional<Finding> first(
            Variant variant, long firstSeed, long schedules, Predicate<List<Violation>> isFinding) {
        for (long number = 0; number < schedules; number++) {
            Schedule schedule = Schedule.random(firstSeed + number);
            List<Violation> violations = Simulation.run(schedule, variant);
            if (isFinding.test(violations)) {
                return Optional.of(new Finding(schedule, variant, violations, number + 1));
            }
        }
        return Optional.empty();
    }
}
