package io.datastream.imaging.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.datastream.imaging.Fixtures;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Any message becomes records that DynamoDB takes, or reasons. Any pattern and any name within the budget. */
class MessageReaderFuzzTest {

    private static final int LONGEST_SORT_KEY = 1_024;
    private static final int LONGEST_PATTERN = 120;

    /** Far more than the budget of characters needs, for a machine that is busy. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Patterns that loop without reading a character are not covered: see the README. They need large counts. */
    private static final Pattern LARGE_COUNT = Pattern.compile("[{][^}]*[0-9]{3}");

    /** Apart, so that its class is not loaded before Jazzer's agent: see {@code EnvelopeFuzzTest}. */
    private static final class AnyName {
        static final MessageReader READER = new MessageReader(PatientIdPattern.compile("(?<patientId>.*)"));
    }

    static Stream<String> bodies() {
        return Fixtures.in("").stream().map(Fixtures.Fixture::body);
    }

    @MethodSource("bodies")
    @FuzzTest(maxDuration = "4m")
    void readsAnyMessage(String body) {
        MessageContent content = AnyName.READER.read(body);

        assertThat(content.uploads().size()
                        + content.ignoredEvents()
                        + content.rejections().size())
                .isPositive();
        for (ImageMetadata upload : content.uploads()) {
            assertThat(upload.key().fileKey()).isNotEmpty();
            assertThat(upload.key().uploadId().getBytes(StandardCharsets.UTF_8)).hasSizeBetween(1, LONGEST_SORT_KEY);
            assertThat(upload.patientId()).isNotEmpty();
            assertThat(ImageMetadataTable.key(ImageMetadataTable.item(upload))).isEqualTo(upload.key());
        }
    }

    static Stream<Arguments> patterns() {
        return Stream.of(
                Arguments.of(PatientIdPattern.DEFAULT, "patient-0001_chest.dcm"),
                Arguments.of("(?<patientId>(a+)+)b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac"),
                Arguments.of("(?<patientId>(?:x|y)*)z", "xyxyxyxyxyxy"),
                Arguments.of("(?<patientId>[0-9&&[^5]]++)(?=\\.).*", "1234.dcm"),
                Arguments.of("(?<patientId>", "a"));
    }

    @MethodSource("patterns")
    @FuzzTest(maxDuration = "4m")
    void matchesAnyNameWithinTheBudget(String regularExpression, String name) {
        if (regularExpression == null
                || name == null
                || regularExpression.length() > LONGEST_PATTERN
                || LARGE_COUNT.matcher(regularExpression).find()) {
            return;
        }
        PatientIdPattern pattern;
        try {
            pattern = PatientIdPattern.compile(regularExpression);
        } catch (IllegalArgumentException refused) {
            return;
        }
        long start = System.nanoTime();
        PatientIdPattern.Match match = pattern.match(name.substring(0, Math.min(name.length(), LONGEST_SORT_KEY)));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PATIENCE);
        if (match instanceof PatientIdPattern.Match.Found found) {
            assertThat(found.patientId()).isNotEmpty();
            assertThat(name).contains(found.patientId());
        }
    }
}
