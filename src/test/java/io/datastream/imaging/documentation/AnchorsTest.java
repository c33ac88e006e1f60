package io.datastream.imaging.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Links into the documentation: each file and each heading that Markdown, the template or the code names exists. */
class AnchorsTest {

    private static final Path RUNBOOK = Path.of("cloudformation/RUNBOOK.md");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+)$");
    private static final Pattern ID = Pattern.compile("<a (?:id|name)=\"([^\"]+)\"");
    private static final Pattern RUNBOOK_ANCHOR = Pattern.compile("\\$\\{RunbookUrl\\}#([\\w-]+)");
    /** In code: a documentation file by its name, perhaps with an anchor. */
    private static final Pattern FILE_IN_CODE =
            Pattern.compile("((?:cloudformation/|load-tests/)?(?:README|RUNBOOK|RESULTS)\\.md)(#[\\w-]+)?");

    @Test
    void everyLinkInMarkdownLeadsSomewhere() throws IOException {
        for (Path file : files("README.md", "cloudformation", "load-tests")
                .filter(path -> path.toString().endsWith(".md"))
                .toList()) {
            Path folder = file.toAbsolutePath().getParent();
            LINK.matcher(Files.readString(file))
                    .results()
                    .map(match -> match.group(1))
                    .filter(link -> !link.matches("[a-z]+:.*"))
                    .forEach(link -> {
                        String[] parts = link.split("#", 2);
                        Path target = parts[0].isEmpty() ? file : folder.resolve(parts[0]);
                        assertThat(target).as("%s links to %s", file, link).exists();
                        if (parts.length == 2) {
                            assertThat(anchors(target))
                                    .as("%s links to %s", file, link)
                                    .contains(parts[1]);
                        }
                    });
        }
    }

    @Test
    void everyAlarmOfTheTemplateHasItsSectionInTheRunbook() throws IOException {
        List<String> named = RUNBOOK_ANCHOR
                .matcher(Files.readString(Path.of("cloudformation/pipeline.yaml")))
                .results()
                .map(match -> match.group(1))
                .toList();

        assertThat(named).isNotEmpty();
        assertThat(anchors(RUNBOOK)).containsAll(named);
    }

    @Test
    void everyDocumentThatTheCodeAndTheBuildNameExists() throws IOException {
        for (Path file : files("src", "load-tests", "pom.xml", ".ci", ".github", "cloudformation/pipeline.yaml")
                .filter(path -> path.toString().matches(".*(\\.java|\\.xml|\\.ya?ml|run)"))
                .toList()) {
            for (MatchResult match :
                    FILE_IN_CODE.matcher(Files.readString(file)).results().toList()) {
                Path document = Path.of(match.group(1));
                assertThat(Stream.of(document, Path.of("cloudformation").resolve(document)))
                        .as("%s names %s", file, match.group())
                        .anySatisfy(candidate -> {
                            assertThat(candidate).exists();
                            if (match.group(2) != null) {
                                assertThat(anchors(candidate))
                                        .contains(match.group(2).substring(1));
                            }
                        });
            }
        }
    }

    private static Stream<Path> files(String... roots) {
        return Stream.of(roots).map(Path::of).filter(Files::exists).flatMap(root -> {
            try (Stream<Path> all = Files.walk(root)) {
                return all.filter(Files::isRegularFile).toList().stream();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** As GitHub derives them from headings, and those that are written out. */
    private static Set<String> anchors(Path file) {
        try {
            String text = Files.readString(file);
            Set<String> anchors = new HashSet<>();
            HEADING.matcher(text)
                    .results()
                    .map(match -> match.group(1)
                            .strip()
                            .toLowerCase(Locale.ROOT)
                            .replaceAll("[^\\p{L}\\p{N} _-]", "")
                            .replace(' ', '-'))
                    .forEach(anchors::add);
            ID.matcher(text).results().map(match -> match.group(1)).forEach(anchors::add);
            return anchors;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
