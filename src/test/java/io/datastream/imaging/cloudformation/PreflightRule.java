package io.datastream.imaging.cloudformation;

import java.util.List;
import java.util.stream.Stream;

/** What must hold in every stack that the template can be deployed as. */
interface PreflightRule {

    /** How a stack breaks the rule, in words; empty if it keeps it. */
    List<String> violations(Pipeline pipeline);

    static List<PreflightRule> all() {
        return Stream.<PreflightRule[]>of(
                        PipelineRule.values(), DeploymentRule.values(), WiringRule.values(), ReconcileRule.values())
                .flatMap(Stream::of)
                .toList();
    }

    static List<String> unless(boolean kept, String violation) {
        return kept ? List.of() : List.of(violation);
    }
}
