package io.datastream.imaging.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventTimeTest {

    @ParameterizedTest
    @CsvSource({
        "2026-11-23T09:30:00Z,                    2026-11-23T09:30:00Z",
        "2026-11-23T09:30:00.1Z,                  2026-11-23T09:30:00.1Z",
        "2026-11-23T09:30:00.125Z,                2026-11-23T09:30:00.125Z",
        "2026-11-23T09:30:00.123456789Z,          2026-11-23T09:30:00.123456789Z",
        "2026-11-23t09:30:00z,                    2026-11-23T09:30:00Z",
        "2026-11-23 09:30:00,                     2026-11-23T09:30:00Z",
        "2026-11-23T09:30:00.5,                   2026-11-23T09:30:00.5Z",
        "2026-11-23T09:30:00+01:00,               2026-11-23T08:30:00Z",
        "2026-11-23T00:30:00.25-05:30,            2026-11-23T06:00:00.25Z",
        "2026-12-31T23:59:60Z,                    2026-12-31T23:59:59Z",
        "2024-02-29T00:00:00Z,                    2024-02-29T00:00:00Z",
        "0000-01-01T00:00:00Z,                    0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999Z,                9999-12-31T23:59:59.999Z",
    })
    void readsRfc3339WithUpToNineDigitsOfAFractionAndUtcWithoutZone(String text, Instant expected) {
        assertThat(EventTime.parse(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "now",
                "2026-11-23",
                "2026-11-23T09:30Z",
                "2026-13-23T09:30:00Z",
                "2025-02-29T09:30:00Z",
                "2026-11-23T25:30:00Z",
                "2026-11-23T09:30:00.1234567891Z",
                "2026-11-23T09:30:00 Z",
                "2026-11-23T09:30:00Europe/Berlin",
                "2026/11/23T09:30:00Z",
                "+226-11-23T09:30:00Z",
                "２０２６-11-23T09:30:00Z",
                "0000-01-01T00:00:00+01:00",
                "9999-12-31T23:59:59-01:00",
            })
    void refusesWhatIsNoTimeOfTheYears0To9999(String text) {
        assertThatThrownBy(() -> EventTime.parse(text)).isInstanceOf(DateTimeException.class);
    }
}
