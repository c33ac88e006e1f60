package io.datastream.imaging.notification;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReaderTest {

    /** Of JSON's characters, and some that it knows only inside of strings, or not at all. */
    private static final List<String> PIECES =
            List.of(("{|}|[|]|:|,|\"|\"|\"a\":|\"long enough for words\"|\\|\\\\|\\\"|\\u|\\u00e4|"
                            + "\\ud83e|\\n|/|0|1|-|+|.|e|E|5|true|false|null|nul| |\n|\t|\r|\f|\u0000|"
                            + "\u001f|\u007f|\u00a0|\u2028|\ufeff|ä|🩻|'|//|NaN|")
                    .split("[|]"));

    private static final JsonFactory JACKSON =
            JsonFactory.builder().disable(JsonFactory.Feature.CHARSET_DETECTION).build();

    @RepeatedTest(50)
    void takesForJsonExactlyWhatJacksonTakesForIt(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        for (int text = 0; text < 4_000; text++) {
            StringBuilder json = new StringBuilder();
            for (int piece = random.nextInt(12); piece >= 0; piece--) {
                json.append(PIECES.get(random.nextInt(PIECES.size())));
            }
            assertThat(isJson(json.toString())).as(json.toString()).isEqualTo(isJsonForJackson(json.toString()));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0",
                "10",
                "-1.5",
                "0.0",
                "1e5",
                "1E+5",
                "1.25e-3",
                "true",
                "false",
                "null",
                "\"\"",
                "[]",
                "{}",
                "[[]]",
                "[1,2]",
                "{\"a\":{}}",
                " \t\r\n[ 1 , \"a\" ]\n",
                "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\"",
                "\"\u007f\u2028\"",
                "\"\\ud83e\"",
                "{\"\":1}",
                "{\"a\":1,\"a\":2}",
            })
    void takesJson(String json) {
        assertThat(isJson(json)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "01",
                "-",
                "+1",
                ".5",
                "1.",
                "1e",
                "1e+",
                "0x1",
                "1 2",
                "tru",
                "truex",
                "NULL",
                "\"",
                "\"\\\"",
                "\"\\x\"",
                "\"\\u12\"",
                "\"\\u12g4\"",
                "\"\t\"",
                "\"\u0000\"",
                "[",
                "[1",
                "[1,",
                "[,1]",
                "[1,]",
                "[1 2]",
                "{",
                "{a:1}",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{,}",
                "{\"a\" 1}",
                "{\"a\":1 \"b\":2}",
                "{\"a\":1]",
                "[1}",
                "]",
                "'a'",
                "/**/1",
                "\f1",
                "1\u00a0",
                "\ufeff1",
                "\\\"a\\\"",
                "{\\\"a\\\":1}",
            })
    void refusesAllElse(String json) {
        assertThat(isJson(json)).isFalse();
    }

    @Test
    void refusesNestingOverAThousand() {
        assertThat(isJson("[".repeat(1_000) + "]".repeat(1_000))).isTrue();
        assertThat(isJson("[".repeat(1_001) + "]".repeat(1_001))).isFalse();
    }

    @Test
    void findsWhatIsNoTextAtAnyPlaceOfAWord() {
        for (int length = 0; length < 40; length++) {
            for (String end : List.of("\"", "\\", "\n", "\u0000", "\u001f")) {
                String json = "\"" + "ä~ !#[]".repeat(6).substring(0, length) + end;
                assertThat(isJson(json)).as(json).isEqualTo(end.equals("\""));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "plain,                         plain",
        "'',                            ''",
        "Größe 🩻,                      Größe 🩻",
        "a\\\"b\\\\c\\/d,               'a\"b\\c/d'",
        "tab\\tand more of it,          'tab\tand more of it'",
        "\\u0047r\\u00f6\\u00DFe \\n,   'Größe \n'",
        "\\ud83e\\ude7b,                🩻",
    })
    void readsText(String escaped, String text) throws NotJsonException {
        assertThat(reader("\"" + escaped + "\"").text()).isEqualTo(text);
    }

    @Test
    void keepsHalfASurrogatePairThatIsEscaped() throws NotJsonException {
        assertThat(reader("\"a\\ud83eb\"").text()).isEqualTo("a\ud83eb");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "7, 7",
        "524288, 524288",
        "999999999999999999, 999999999999999999",
        "9223372036854775807, 9223372036854775807",
        "9223372036854775808,",
        "9999999999999999999,",
        "18446744073709551616,",
        "18446744073709551623,",
        "-1,",
        "1.0,",
        "1e3,",
        "true,",
        "'[7]',",
        "'\"7\"',",
    })
    void readsWholeNumbers(String json, Long number) throws NotJsonException {
        JsonReader reader = reader(json);

        assertThat(reader.wholeNumber()).isEqualTo(number);
        assertThat(reader.isAtEnd()).isTrue();
    }

    @Test
    void walksThroughObjectsAndArraysAndSkipsWhatNobodyAsksFor() throws NotJsonException {
        JsonReader reader = reader(
                """
                {"skipped" : {"name": [1, {"deep": "}"}]}, "na\\u006de": "found", "numbers": [1, "x", 2], "text": 5, "last": null}
                """);

        assertThat(reader.enterObject()).isTrue();
        assertThat(reader.nextField()).isTrue();
        assertThat(isField(reader, "skipped")).isTrue();
        reader.skip();
        assertThat(reader.nextField()).isTrue();
        assertThat(isField(reader, "name")).isTrue();
        assertThat(reader.text()).isEqualTo("found");
        assertThat(reader.nextField()).isTrue();
        assertThat(reader.enterArray()).isTrue();
        assertThat(reader.nextElement()).isTrue();
        assertThat(reader.wholeNumber()).isEqualTo(1);
        assertThat(reader.nextElement()).isTrue();
        assertThat(reader.wholeNumber()).isNull();
        assertThat(reader.nextElement()).isTrue();
        assertThat(reader.wholeNumber()).isEqualTo(2);
        assertThat(reader.nextElement()).isFalse();
        assertThat(reader.nextField()).isTrue();
        assertThat(reader.text()).isNull();
        assertThat(reader.nextField()).isTrue();
        assertThat(reader.enterObject()).isFalse();
        assertThat(reader.nextField()).isFalse();
        assertThat(reader.isAtEnd()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "1234567", "12345678", "123456789", "1234567890123456"})
    void tellsANameFromAnyThatDiffersInOneCharacter(String name) throws NotJsonException {
        assertThat(isField(name, name)).isTrue();
        assertThat(isField(name + "x", name)).isFalse();
        assertThat(isField(name + "\\u0000", name)).isFalse();
        for (int index = 0; index < name.length(); index++) {
            assertThat(isField(name.substring(0, index) + "x" + name.substring(index + 1), name))
                    .isFalse();
        }
    }

    private static boolean isField(String read, String name) throws NotJsonException {
        JsonReader reader = reader("{\"" + read + "\":1}");
        reader.enterObject();
        reader.nextField();
        return isField(reader, name);
    }

    private static boolean isField(JsonReader reader, String name) {
        return reader.field(new FieldNames<>(Map.of(name, true, "another", false), false));
    }

    @Test
    void readsTheJsonInAStringWhereItStands() throws NotJsonException {
        JsonReader reader = reader("[\"{\\\"a\\\": \\\"text\\\", \\\"b\\\" : [ 7 ] }\", 8]");
        reader.enterArray();
        reader.nextElement();
        JsonReader embedded = reader.embedded();

        assertThat(embedded).isNotNull();
        assertThat(embedded.enterObject()).isTrue();
        assertThat(embedded.nextField()).isTrue();
        assertThat(isField(embedded, "a")).isTrue();
        assertThat(reader.skipEmbedded(embedded)).as("read to its end").isFalse();
        assertThat(embedded.text()).isEqualTo("text");
        assertThat(embedded.nextField()).isTrue();
        embedded.skip();
        assertThat(embedded.nextField()).isFalse();
        assertThat(reader.skipEmbedded(embedded)).isTrue();
        assertThat(reader.nextElement()).isTrue();
        assertThat(reader.wholeNumber()).isEqualTo(8);
    }

    private static JsonReader reader(String json) {
        return new JsonReader(json.getBytes(UTF_8));
    }

    private static boolean isJson(String json) {
        JsonReader reader = reader(json);
        try {
            reader.skip();
            return reader.isAtEnd();
        } catch (NotJsonException notJson) {
            return false;
        }
    }

    private static boolean isJsonForJackson(String json) {
        try (JsonParser parser = JACKSON.createParser(json.getBytes(UTF_8))) {
            if (parser.nextToken() == null) {
                return false;
            }
            parser.skipChildren();
            parser.finishToken();
            return parser.nextToken() == null;
        } catch (IOException notJson) {
            return false;
        }
    }
}
