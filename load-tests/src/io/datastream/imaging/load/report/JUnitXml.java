package io.datastream.imaging.load.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.dataformat.xml.XmlMapper;
import tools.jackson.dataformat.xml.annotation.JacksonXmlElementWrapper;
import tools.jackson.dataformat.xml.annotation.JacksonXmlProperty;
import tools.jackson.dataformat.xml.annotation.JacksonXmlRootElement;

/** A test suite in JUnit's XML, as CI servers read it. */
@JacksonXmlRootElement(localName = "testsuite")
public record JUnitXml(
        @JacksonXmlProperty(isAttribute = true) String name,
        @JacksonXmlProperty(isAttribute = true) String timestamp,
        @JacksonXmlElementWrapper(useWrapping = false) @JacksonXmlProperty(localName = "testcase")
                List<TestCase> testCases) {

    /** One test: passed if it has neither a failure nor a reason to be skipped. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record TestCase(
            @JacksonXmlProperty(isAttribute = true) String name,
            @JacksonXmlProperty(isAttribute = true) String classname,
            @JacksonXmlProperty @Nullable Message failure,
            @JacksonXmlProperty @Nullable Message skipped) {}

    /** Why a test failed or was skipped. */
    public record Message(@JacksonXmlProperty(isAttribute = true) String message) {}

    public static JUnitXml of(String name, Instant begun, List<TestCase> testCases) {
        return new JUnitXml(name, begun.toString(), List.copyOf(testCases));
    }

    @JacksonXmlProperty(isAttribute = true)
    public long tests() {
        return testCases.size();
    }

    @JacksonXmlProperty(isAttribute = true)
    public long failures() {
        return testCases.stream().filter(test -> test.failure() != null).count();
    }

    @JacksonXmlProperty(isAttribute = true)
    public long skipped() {
        return testCases.stream().filter(test -> test.skipped() != null).count();
    }

    public String text() {
        return new XmlMapper().writerWithDefaultPrettyPrinter().writeValueAsString(this);
    }
}
