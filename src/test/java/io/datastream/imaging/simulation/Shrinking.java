package io.datastream.imaging.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Makes a schedule that fails as small as possible: steps, uploads and copies are left out as long as it still fails. */
final class Shrinking {

    private Shrinking() {}

    /**
     * Shrinks a schedule.
     *
     * @param fails whether a schedule still shows what the first one did
     */
    static Schedule shrink(Schedule schedule, Predicate<Schedule> fails) {
        Schedule smallest = schedule;
        boolean smaller = true;
        while (smaller) {
            smaller = false;
            for (Schedule candidate : candidates(smallest)) {
                if (fails.test(candidate)) {
                    smallest = candidate;
                    smaller = true;
                    break;
                }
            }
        }
        return smallest;
    }

    private static List<Schedule> candidates(Schedule schedule) {
        List<Schedule> candidates = new ArrayList<>();
        List<Step> steps = schedule.steps();
        for (int index = 0; index < steps.size(); index++) {
            // A fault that always hits does not depend on what the seed decides, so more can be left out afterwards.
            if (steps.get(index) instanceof Step.Outage outage && outage.percent() < 100) {
                candidates.add(replaced(
                        schedule, index, new Step.Outage(outage.at(), outage.fault(), outage.duration(), 100)));
            }
        }
        for (int size = steps.size() / 2; size > 0; size /= 2) {
            for (int from = 0; from + size <= steps.size(); from += size) {
                List<Step> fewer = new ArrayList<>(steps);
                fewer.subList(from, from + size).clear();
                candidates.add(schedule.with(fewer));
            }
        }
        for (int index = 0; index < steps.size(); index++) {
            if (steps.get(index) instanceof Step.Message message) {
                for (int upload = 0;
                        upload < message.uploads().size() && message.uploads().size() > 1;
                        upload++) {
                    List<Upload> fewer = new ArrayList<>(message.uploads());
                    fewer.remove(upload);
                    candidates.add(replaced(
                            schedule,
                            index,
                            new Step.Message(message.at(), message.envelope(), fewer, message.delays())));
                }
                if (message.delays().size() > 1) {
                    candidates.add(replaced(
                            schedule,
                            index,
                            new Step.Message(
                                    message.at(),
                                    message.envelope(),
                                    message.uploads(),
                                    message.delays().subList(0, 1))));
                }
            }
        }
        if (schedule.batchSize() > 1) {
            candidates.add(schedule.with(1, schedule.concurrency()));
        }
        if (schedule.concurrency() > 1) {
            candidates.add(schedule.with(schedule.batchSize(), 1));
        }
        return candidates;
    }

    private static Schedule replaced(Schedule schedule, int index, Step step) {
        List<Step> steps = new ArrayList<>(schedule.steps());
        steps.set(index, step);
        return schedule.with(steps);
    }
}
