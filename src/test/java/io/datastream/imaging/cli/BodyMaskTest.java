package io.datastream.imaging.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.datastream.imaging.Fixtures;
import io.datastream.imaging.Fixtures.Fixture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BodyMaskTest {

    static Stream<Fixture> all() {
        return Stream.of("recorded", "ignored", "rejected").flatMap(folder -> Fixtures.in(folder).stream());
    }

    @ParameterizedTest
    @MethodSource("all")
    void noNameOfAnyFixtureIsShown(Fixture fixture) {
        assertThat(BodyMask.mask(fixture.body()))
                .doesNotContainPattern("(?i)patient|ward|scan|0042|dcm|radiology|Gr%C3|Größe");
    }

    @Test
    void theShapeOfAnEventIsShown() {
        assertThat(BodyMask.mask(Fixtures.body("recorded/s3-event.json")))
                .contains("\"eventName\":\"ObjectCreated:Put\"")
                .contains("\"eventTime\":\"2026-11-23T09:30:00.125Z\"")
                .contains("\"size\":524288")
                .contains("\"key\":\"xxxx+x/");
    }

    @Test
    void theEventInsideAnSnsEnvelopeIsShownAlike() {
        assertThat(BodyMask.mask(Fixtures.body("recorded/s3-event-in-sns.json")))
                .contains("\\\"eventName\\\":");
    }

    @Test
    void fieldsThatNobodyKnowsAreMaskedByNameAndValue() {
        assertThat(BodyMask.mask("{\"Meier-1970\":42,\"name\":[\"Meier\",{\"size\":\"x\",\"time\":{\"a\":7}}]}"))
                .isEqualTo("{\"xxxxx-xxxx\":\"xx\",\"name\":[\"xxxxx\",{\"size\":\"x\",\"time\":{\"x\":\"x\"}}]}");
    }

    @Test
    void whatIsNoJsonKeepsItsPunctuationOnly() {
        assertThat(BodyMask.mask("upload of patient-0042_Größe.dcm")).isEqualTo("xxxxxx xx xxxxxxx-xxxx_xxxxx.xxx");
        assertThat(BodyMask.mask("{\"key\":\"patient-1")).isEqualTo("{\"xxx\":\"xxxxxxx-x");
    }
}
