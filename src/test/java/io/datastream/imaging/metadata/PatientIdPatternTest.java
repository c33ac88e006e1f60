package io.datastream.imaging.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PatientIdPatternTest {

    private static final PatientIdPattern DEFAULT = PatientIdPattern.compile(PatientIdPattern.DEFAULT);

    @ParameterizedTest
    @CsvSource({
        "patient-0001.dcm,                0001",
        "patient-7_chest.dcm,             7",
        "patient-0001_a_b.c.DCM,          0001",
        "patient-0001_.Dcm,               0001",
        "patient-00000000000000000001.dcm,00000000000000000001",
    })
    void theDefaultFindsThePatient(String fileName, String patientId) {
        assertThat(DEFAULT.match(fileName)).isEqualTo(new PatientIdPattern.Match.Found(patientId));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "patient-.dcm",
                "patient-12",
                "patient-12.dcm.gz",
                "xpatient-12.dcm",
                "Patient-12.dcm",
                "patient-12a.dcm",
                "patient-١٢.dcm",
                "patient-12-chest.dcm"
            })
    void theDefaultMatchesTheWholeNameOnly(String fileName) {
        assertThat(DEFAULT.match(fileName)).isEqualTo(new PatientIdPattern.Match.None());
    }

    @Test
    void anEmptyGroupIsNoPatient() {
        assertThat(PatientIdPattern.compile("(?<patientId>[0-9]*)\\.dcm").match(".dcm"))
                .isEqualTo(new PatientIdPattern.Match.None());
    }

    @Test
    void aGroupThatTookNoPartIsNoPatient() {
        assertThat(PatientIdPattern.compile("(?:(?<patientId>[0-9]+)|x)\\.dcm").match("x.dcm"))
                .isEqualTo(new PatientIdPattern.Match.None());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(?<patientId>(a+)+)b",
                "(?<patientId>(a|aa)+)b",
                "(?<patientId>(?:a*)*(?:a*)*)b",
                "(.*)*(?<patientId>.*)*=b"
            })
    void noPatternHangsOnAName(String regularExpression) {
        assertThat(PatientIdPattern.compile(regularExpression).match("a".repeat(1_000)))
                .isIn(new PatientIdPattern.Match.OverBudget(), new PatientIdPattern.Match.None());
    }

    @Test
    void saysWhenAPatternIsOverItsBudget() {
        assertThat(PatientIdPattern.compile("(?<patientId>(.*)(.*)(.*)(.*)(.*))b")
                        .match("a".repeat(200)))
                .isEqualTo(new PatientIdPattern.Match.OverBudget());
    }

    /** This pattern reads 1.5 n² characters of a name of n before it matches. */
    @ParameterizedTest
    @CsvSource({"250, true", "260, false"})
    void theBudgetIsAHundredThousandCharacters(int length, boolean withinBudget) {
        PatientIdPattern.Match match =
                PatientIdPattern.compile("(?:.*.*c)?a*(?<patientId>b)").match("a".repeat(length) + "b");

        assertThat(match)
                .isEqualTo(
                        withinBudget ? new PatientIdPattern.Match.Found("b") : new PatientIdPattern.Match.OverBudget());
    }

    @Test
    void deepRecursionIsOverBudgetToo() {
        assertThat(PatientIdPattern.compile("(?<patientId>(?:a|b)*)").match("ab".repeat(40_000)))
                .isEqualTo(new PatientIdPattern.Match.OverBudget());
    }

    @Test
    void refusesAPatternThatDoesNotCompile() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PatientIdPattern.compile("(?<patientId>[0-9]+"))
                .withMessageContaining("no regular expression");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[0-9]+", "(?<patient>[0-9]+)", "(?:patientId)", "\\(\\?<patientId>x\\)"})
    void refusesAPatternWithoutTheGroup(String regularExpression) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PatientIdPattern.compile(regularExpression))
                .withMessageContaining("(?<patientId>...)");
    }
}
