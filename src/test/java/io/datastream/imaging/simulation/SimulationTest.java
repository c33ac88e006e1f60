package io.datastream.imaging.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The promises hold under random schedules. One that fails is printed as small as possible. */
@Isolated("a simulated thread that is abandoned may hold a lock that other tests need")
class SimulationTest {

    /** More with {@code -Dschedules=}; see {@link ManySchedules} for a million. */
    private static final long SCHEDULES = Long.getLong("schedules", 2_500);

    @Test
    void noScheduleBreaksAPromise() {
        Optional<Search.Finding> finding = Search.firstViolation(Variant.REAL, 1, SCHEDULES);

        assertThat(finding.map(Search.Finding::shrunk)).isEmpty();
    }

    /** Schedules that once showed a mistake, of the code or of the simulation. */
    @ParameterizedTest
    @ValueSource(longs = {585, 1_633, 1_775, 2_044, 5_234, 183_737})
    void noScheduleOfAnEarlierMistakeBreaksAPromise(long seed) {
        assertThat(Search.firstViolation(Variant.REAL, seed, 1)).isEmpty();
    }

    @Test
    void theSameSeedGivesTheSameRun() {
        for (long seed = 1; seed <= 20; seed++) {
            Schedule schedule = Schedule.random(seed);

            assertThat(Simulation.journal(schedule, Variant.REAL))
                    .isEqualTo(Simulation.journal(schedule, Variant.REAL));
        }
    }
}
