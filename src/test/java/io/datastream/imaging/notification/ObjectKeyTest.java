package io.datastream.imaging.notification;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URLEncoder;
import java.nio.charset.CharacterCodingException;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectKeyTest {

    @ParameterizedTest
    @CsvSource({
        "plain.dcm,            plain.dcm",
        "a+b,                  'a b'",
        "a%2Bb,                a+b",
        "a%252Bb,              a%2Bb",
        "100%25,               100%",
        "Gr%C3%B6%C3%9Fe,      Größe",
        "Gr%c3%b6%c3%9fe,      Größe",
        "Größe,                Größe",
        "%F0%9F%A9%BB,         🩻",
        "a%2Fb//c,             a/b//c",
    })
    void decodesFormUrlEncodingOnce(String encoded, String key) throws CharacterCodingException {
        assertThat(ObjectKey.decode(encoded)).isEqualTo(key);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"%", "a%2", "%g0", "%-1", "%+1", "%C3", "%C3%28", "%ED%A0%80", "%F5%80%80%80", "\ud83e", "%C0%AF"
            })
    void refusesBrokenEscapesAndBrokenUtf8(String encoded) {
        assertThatThrownBy(() -> ObjectKey.decode(encoded)).isInstanceOf(CharacterCodingException.class);
    }

    @RepeatedTest(200)
    void decodesWhateverWasEncoded(RepetitionInfo repetition) throws CharacterCodingException {
        Random random = new Random(repetition.getCurrentRepetition());
        String key = random.ints(1 + random.nextInt(60), 1, Character.MAX_CODE_POINT)
                .filter(codePoint -> codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();

        assertThat(ObjectKey.decode(URLEncoder.encode(key, UTF_8))).isEqualTo(key);
    }
}
