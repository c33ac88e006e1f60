package io.datastream.imaging.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The simulation is able to fail: each realistic mistake is noticed within 10,000 schedules, and by the check named. */
@Isolated("a simulated thread that is abandoned may hold a lock that other tests need")
class SimulationFindsBugsTest {

    private static final long SCHEDULES = 10_000;

    @ParameterizedTest
    @EnumSource
    void noticesTheBug(Bug bug) {
        assertThat(Search.firstNoticedBy(bug.noticedBy(), bug, 1, SCHEDULES)).isPresent();
    }

    /** A person must be able to read what is printed. */
    @Test
    void shrinksAScheduleToWhatTheBugNeeds() {
        Search.Finding finding = Search.firstViolation(Bug.UNPROCESSED_ITEMS_FORGOTTEN, 1, SCHEDULES)
                .orElseThrow()
                .shrunk();

        assertThat(finding.schedule().steps()).hasSize(2);
        assertThat(finding.toString())
                .contains("UNPROCESSED_ITEMS for", "ACKNOWLEDGED_WHEN_WRITTEN", "VIOLATED", "gets [m1 (try 1)]");
    }
}
