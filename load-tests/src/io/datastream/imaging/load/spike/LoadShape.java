package io.datastream.imaging.load.spike;

import static io.gatling.javaapi.core.CoreDsl.rampUsers;

import io.gatling.javaapi.core.OpenInjectionStep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** How uploads are spread over time. Open: the next one comes whether or not the last was answered. */
enum LoadShape {
    /** The same rate throughout. */
    STEADY {
        @Override
        List<OpenInjectionStep> steps(int uploads, Duration duration) {
            return List.of(rampUsers(uploads).during(duration));
        }
    },
    /** A quiet start, nine tenths of all uploads within the middle half, a quiet end. */
    SPIKE {
        @Override
        List<OpenInjectionStep> steps(int uploads, Duration duration) {
            int quiet = uploads / 20;
            return List.of(
                    rampUsers(quiet).during(duration.dividedBy(4)),
                    rampUsers(uploads - 2 * quiet).during(duration.dividedBy(2)),
                    rampUsers(quiet).during(duration.dividedBy(4)));
        }
    },
    /** Five steps, each with a higher rate. */
    STAIRCASE {
        @Override
        List<OpenInjectionStep> steps(int uploads, Duration duration) {
            List<OpenInjectionStep> steps = new ArrayList<>();
            int left = uploads;
            for (int step = 1; step <= STEPS; step++) {
                int some = step == STEPS ? left : uploads * step / (STEPS * (STEPS + 1) / 2);
                left -= some;
                steps.add(rampUsers(some).during(duration.dividedBy(STEPS)));
            }
            return steps;
        }
    },
    /** As steady; named for a run of hours. */
    SOAK {
        @Override
        List<OpenInjectionStep> steps(int uploads, Duration duration) {
            return STEADY.steps(uploads, duration);
        }
    };

    private static final int STEPS = 5;

    /** Whether the pipeline is expected to keep its promise 6: a spike and a staircase may go above its limits. */
    boolean isBelowLimits() {
        return this == STEADY || this == SOAK;
    }

    abstract List<OpenInjectionStep> steps(int uploads, Duration duration);
}
