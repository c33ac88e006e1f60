package io.datastream.imaging.notification;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.datastream.imaging.Fixtures;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any text as the body of a message. The fixtures are the seeds. In the suite only they are run; the profile
 * {@code fuzz} fuzzes for four minutes. No field and no signature here names a class of the product: it would be loaded
 * before Jazzer's agent, and JDK 25 no longer finds some fields of a class that an agent changes after that.
 *
 * @see <a href="https://github.com/CodeIntelligenceTesting/jazzer/blob/main/docs/junit-integration.md">Jazzer</a>
 */
class EnvelopeFuzzTest {

    private static final int LONGEST_KEY = 1_024;

    static Stream<String> bodies() {
        return Fixtures.in("").stream().map(Fixtures.Fixture::body);
    }

    /** Streaming and databind agree on each field, and on what is no JSON. */
    @MethodSource("bodies")
    @FuzzTest(maxDuration = "4m")
    void readsWhatDatabindReads(String body) {
        if (body != null) {
            assertThat(Envelope.read(body)).isEqualTo(DatabindReading.read(body));
        }
    }

    /** The decoder never throws, has at least one event for each body, and no event with an impossible key. */
    @MethodSource("bodies")
    @FuzzTest(maxDuration = "4m")
    void decodesAnything(String body) {
        List<NotificationEvent> events = new NotificationDecoder().decode(body);

        assertThat(events).isNotEmpty();
        for (NotificationEvent event : events) {
            if (event instanceof ObjectCreated created) {
                assertThat(created.objectKey()).isNotEmpty();
                assertThat(created.objectKey().getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(LONGEST_KEY);
                assertThat(created.size()).isNotNegative();
                assertThat(created.bucketName()).isNotEmpty();
            }
        }
    }
}
