package io.datastream.imaging.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.datastream.imaging.Fixtures;
import io.datastream.imaging.notification.RejectionReason;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MessageReaderTest {

    /** All fixtures under {@code recorded} tell of this upload. */
    private static final ImageMetadata UPLOAD = new ImageMetadata(
            new RecordKey("ward 7/patient-0042_Größe+1.dcm", "3HL4kqtJvjVBH40Nrjfkd1a2b3c4d5e6"),
            "radiology-uploads-prod",
            524_288,
            Instant.parse("2026-11-23T09:30:00.125Z"),
            "0042",
            "d41d8cd98f00b204e9800998ecf8427e",
            "3HL4kqtJvjVBH40Nrjfkd1a2b3c4d5e6",
            "0055AED6DCD90281E5");

    private final MessageReader reader = new MessageReader(PatientIdPattern.compile(PatientIdPattern.DEFAULT));

    static List<Fixtures.Fixture> recorded() {
        return Fixtures.in("recorded");
    }

    static List<Fixtures.Fixture> ignored() {
        return Fixtures.in("ignored");
    }

    static List<Fixtures.Fixture> rejected() {
        return Fixtures.in("rejected");
    }

    @ParameterizedTest
    @MethodSource
    void recorded(Fixtures.Fixture fixture) {
        MessageContent content = reader.read(fixture.body());

        assertThat(content.uploads()).containsExactly(UPLOAD);
        assertThat(content.rejections()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource
    void ignored(Fixtures.Fixture fixture) {
        assertThat(reader.read(fixture.body())).isEqualTo(new MessageContent(List.of(), 1, List.of()));
    }

    @ParameterizedTest
    @MethodSource
    void rejected(Fixtures.Fixture fixture) {
        String reason = fixture.path().getName(1).toString();

        MessageContent content = reader.read(fixture.body());

        assertThat(content.uploads()).isEmpty();
        assertThat(content.rejections()).extracting(RejectionReason::label).containsExactly(reason);
    }

    @Test
    void keepsTheGoodRecordsOfAMessageThatFails() {
        String good = Fixtures.body("recorded/s3-event.json");
        String bad = Fixtures.body("rejected/no-patient-id/no-patient.json");
        String both = good.strip().replaceFirst("]\\s*}$", "") + ","
                + bad.strip().replaceFirst("^\\{\\s*\"Records\": \\[", "");

        MessageContent content = reader.read(both);

        assertThat(content.uploads()).containsExactly(UPLOAD);
        assertThat(content.rejections()).containsExactly(RejectionReason.NO_PATIENT_ID);
    }
}
