package io.datastream.imaging.local.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class FunctionFleetTest {

    private static final FunctionConfiguration FUNCTION =
            new FunctionConfiguration("sample", "$LATEST", "none", 256, Duration.ofSeconds(5), Map.of());

    @Test
    void anIdleEnvironmentIsUsedAgain() throws Exception {
        try (FunctionFleet fleet = fleet(2, event -> event)) {
            for (int i = 0; i < 10; i++) {
                assertThat(fleet.invoke("event")).isEqualTo("event");
            }

            assertThat(fleet.started()).isEqualTo(1);
            assertThat(fleet.invocations()).isEqualTo(10);
            assertThat(fleet.peakRunning()).isEqualTo(1);
            assertThat(fleet.errors()).isZero();
        }
    }

    @Test
    void neverMoreEnvironmentsRunThanTheLimit() throws Exception {
        CountDownLatch threeRun = new CountDownLatch(3);
        try (FunctionFleet fleet = fleet(3, event -> {
                    threeRun.countDown();
                    threeRun.await();
                    return event;
                });
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> invocations = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                invocations.add(threads.submit(() -> fleet.invoke("event")));
            }
            for (Future<String> invocation : invocations) {
                assertThat(invocation.get()).isEqualTo("event");
            }

            assertThat(fleet.peakRunning()).isEqualTo(3);
            assertThat(fleet.started()).isEqualTo(3);
            assertThat(fleet.running()).isZero();
        }
    }

    @Test
    void aThrownErrorIsCountedAndItsEnvironmentKept() throws Exception {
        try (FunctionFleet fleet = fleet(1, event -> {
            if (event.equals("bad")) {
                throw new FunctionError("Test", "thrown");
            }
            return event;
        })) {
            assertThatThrownBy(() -> fleet.invoke("bad")).hasMessage("Test: thrown");
            assertThat(fleet.invoke("good")).isEqualTo("good");
            assertThat(fleet.errors()).isEqualTo(1);
            assertThat(fleet.started()).isEqualTo(1);
        }
    }

    @Test
    void aKilledEnvironmentFailsItsInvocationAndIsReplaced() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (FunctionFleet fleet = fleet(1, event -> {
                    if (event.equals("hang")) {
                        never.await();
                    }
                    return event;
                });
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<String> hanging = threads.submit(() -> fleet.invoke("hang"));
            await().until(fleet::killOne);

            assertThatThrownBy(hanging::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(FunctionError.class);
            assertThat(fleet.invoke("good")).isEqualTo("good");
            fleet.killAll();
            assertThat(fleet.killOne()).isFalse();
            assertThat(fleet.invoke("good")).isEqualTo("good");
            assertThat(fleet.started()).isEqualTo(3);
        }
    }

    @Test
    void aFailedStartIsTheInvocationsErrorAndTheNextOneStartsAnew() throws Exception {
        List<String> starts = new ArrayList<>();
        try (FunctionFleet fleet = new FunctionFleet(FUNCTION, 1, () -> {
            starts.add("start");
            if (starts.size() == 1) {
                throw new FunctionError("Test", "not initialised");
            }
            return new FakeEnvironment(event -> event);
        })) {
            assertThatThrownBy(() -> fleet.invoke("event")).hasMessage("Test: not initialised");
            assertThat(fleet.invoke("event")).isEqualTo("event");
            assertThat(fleet.errors()).isEqualTo(1);
        }
    }

    @Test
    void aClosedFleetInvokesNothing() {
        FunctionFleet fleet = fleet(1, event -> event);
        fleet.close();

        assertThatThrownBy(() -> fleet.invoke("event")).isInstanceOf(FunctionError.class);
    }

    private static FunctionFleet fleet(int limit, FakeEnvironment.Behaviour behaviour) {
        return new FunctionFleet(FUNCTION, limit, () -> new FakeEnvironment(behaviour));
    }
}
