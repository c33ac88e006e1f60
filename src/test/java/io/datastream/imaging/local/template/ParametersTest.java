package io.datastream.imaging.local.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParametersTest {
    private static final String DECLARATIONS =
            """
            Parameters:
              Size: {Type: Number, Default: 5, MinValue: 2, MaxValue: 9}
              Stage: {Type: String, Default: test, AllowedValues: [test, prod]}
              Name: {Type: String, Default: abc, AllowedPattern: '[a-c]+', MaxLength: 3}
              Zones: {Type: CommaDelimitedList, Default: 'a, b'}
              Email: {Type: String, Default: '', AllowedPattern: '([^@]+@.+)?', ConstraintDescription: no address}
            """;

    @Test
    void defaultsHoldUnlessAnotherValueIsGiven() {
        Parameters parameters = values(DECLARATIONS, Map.of("Stage", "prod", "Email", "a@b"));

        assertThat(parameters.value("Size")).isEqualTo("5");
        assertThat(parameters.value("Stage")).isEqualTo("prod");
        assertThat(parameters.value("Zones")).isEqualTo(List.of("a", "b"));
        assertThat(parameters.value("Email")).isEqualTo("a@b");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            Size   | 1    | MinValue is 2
            Size   | 10   | MaxValue is 9
            Size   | many | is no number
            Stage  | dev  | AllowedValues is [test, prod]
            Name   | xyz  | AllowedPattern is [a-c]+
            Name   | abca | MaxLength is 3
            Nobody | x    | no such parameter
            """)
    void aParameterIsCheckedAsCloudFormationChecksIt(String name, String value, String reason) {
        assertThatThrownBy(() -> values(DECLARATIONS, Map.of(name, value)))
                .isInstanceOf(TemplateException.class)
                .hasMessageStartingWith("Parameters." + name + ": ")
                .hasMessageContaining(reason);
    }

    @Test
    void aParameterWithoutDefaultMustBeGiven() {
        String withoutDefault = DECLARATIONS.replace("Default: 5, ", "");

        assertThatThrownBy(() -> values(withoutDefault, Map.of())).hasMessageContaining("has no default");
        assertThat(values(withoutDefault, Map.of("Size", "2")).value("Size")).isEqualTo("2");
    }

    @Test
    void theConstraintsOwnDescriptionIsTold() {
        assertThatThrownBy(() -> values(DECLARATIONS, Map.of("Email", "x"))).hasMessageEndingWith("no address");
    }

    private static Parameters values(String declarations, Map<String, String> given) {
        return new Parameters(Template.parse(declarations).section("Parameters"), given);
    }
}
