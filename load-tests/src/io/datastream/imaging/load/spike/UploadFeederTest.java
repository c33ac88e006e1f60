package io.datastream.imaging.load.spike;

import static org.assertj.core.api.Assertions.assertThat;

import io.datastream.imaging.load.Options;
import io.datastream.imaging.metadata.PatientIdPattern;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class UploadFeederTest {

    private static final int FILES = 5_000;

    @Test
    void theSameSeedMakesTheSameFiles() {
        assertThat(files(1, Set.of())).isEqualTo(files(1, Set.of())).isNotEqualTo(files(2, Set.of()));
    }

    @Test
    void someFilesAreUploadedAgainAndSomeArePoisonIfAskedFor() {
        List<Map<String, Object>> files = files(1, EnumSet.of(Chaos.Switch.POISON_FILES));

        long keys = files.stream()
                .map(file -> file.get(UploadFeeder.KEY))
                .distinct()
                .count();
        assertThat(keys).isBetween(FILES * 93L / 100, FILES * 97L / 100);
        assertThat(files.stream().filter(file -> file.get(UploadFeeder.PATIENT).equals(Optional.empty())))
                .hasSizeBetween(10, 45);
        assertThat(files(1, Set.of()))
                .noneMatch(file -> file.get(UploadFeeder.PATIENT).equals(Optional.empty()));
    }

    @Test
    void aFileNamesThePatientThatItsRecordMustHave() {
        PatientIdPattern pattern = PatientIdPattern.compile(PatientIdPattern.DEFAULT);

        assertThat(files(1, EnumSet.of(Chaos.Switch.POISON_FILES))).allSatisfy(file -> {
            String key = (String) file.get(UploadFeeder.KEY);
            Optional<String> found =
                    switch (pattern.match(key.substring(key.lastIndexOf('/') + 1))) {
                        case PatientIdPattern.Match.Found match -> Optional.of(match.patientId());
                        case PatientIdPattern.Match.None none -> Optional.empty();
                        case PatientIdPattern.Match.OverBudget tooMuch -> Optional.empty();
                    };
            assertThat(file.get(UploadFeeder.PATIENT)).isEqualTo(found);
        });
    }

    private static List<Map<String, Object>> files(long seed, Set<Chaos.Switch> chaos) {
        SpikeSettings settings = SpikeSettings.of(new Options(Map.of(
                "seed",
                String.valueOf(seed),
                "patients",
                "100",
                "largestFile",
                "4096",
                "chaos",
                chaos.stream().map(Options::label).collect(Collectors.joining(",")))));
        UploadFeeder feeder = new UploadFeeder("test/", settings);
        return Stream.generate(feeder::next).limit(FILES).toList();
    }
}
