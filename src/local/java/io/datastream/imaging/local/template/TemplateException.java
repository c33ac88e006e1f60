package io.datastream.imaging.local.template;

/** What is wrong with a template: one line that names the place in it. */
public final class TemplateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TemplateException(String place, String problem) {
        super((place + ": " + problem)
                .lines()
                .map(String::strip)
                .reduce((a, b) -> a + " " + b)
                .orElseThrow());
    }
}
