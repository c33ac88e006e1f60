package io.datastream.imaging.cloudformation;

import io.datastream.imaging.local.EmulatedProperties;
import io.datastream.imaging.local.template.Template;
import io.datastream.imaging.local.template.TemplateException;
import java.util.List;
import java.util.Map;

/**
 * A template with one mistake.
 *
 * @param mistake in words
 * @param parameters with which it is deployed
 * @param noticedBy the cheapest check that must find the mistake
 */
record TemplateMutant(String mistake, Template template, Map<String, String> parameters, Check noticedBy) {

    /** How a mistake is found. */
    sealed interface Check {
        /** By a rule of the preflight. */
        record Rule(PreflightRule rule) implements Check {}

        /** When the template is evaluated, or because the embedded cloud does not emulate a property. */
        record Evaluation(String message) implements Check {}

        /** By uploads to the embedded cloud, with the handler in this JVM. */
        record Run() implements Check {}
    }

    /** What the check says about the mistake; empty if it does not notice it. */
    List<String> problems() {
        return switch (noticedBy) {
            case Check.Rule rule -> rule.rule().violations(Pipeline.of(template, parameters));
            case Check.Evaluation evaluation ->
                evaluationProblems().stream()
                        .filter(problem -> problem.contains(evaluation.message()))
                        .toList();
            case Check.Run run -> UploadTrial.problems(template);
        };
    }

    private List<String> evaluationProblems() {
        try {
            EmulatedProperties.check(Pipeline.of(template, parameters).stack());
            return List.of();
        } catch (TemplateException e) {
            return List.of(e.getMessage());
        }
    }

    @Override
    public String toString() {
        return mistake;
    }
}
