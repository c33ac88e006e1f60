package io.datastream.imaging.local;

import io.datastream.imaging.local.template.PropertyMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A policy of a topic or a queue, as far as it says which service may send to it on whose behalf. Conditions on
 * {@code aws:SourceArn} and {@code aws:SourceAccount} count, others are taken to hold; {@code Deny} is not looked at.
 */
record ResourcePolicy(PropertyMap document) {
    /**
     * Who asks for what.
     *
     * @param service such as {@code s3.amazonaws.com}
     * @param action such as {@code sns:Publish}
     * @param resource the ARN of the topic or the queue
     * @param sourceArn on whose behalf the service asks
     */
    record Request(String service, String action, String resource, String sourceArn, String sourceAccount) {}

    boolean allows(Request request) {
        return document.objects("Statement").stream().anyMatch(statement -> allows(statement, request));
    }

    private static boolean allows(PropertyMap statement, Request request) {
        return statement.requiredText("Effect").equals("Allow")
                && principals(statement).contains(request.service())
                && statement.texts("Action").stream()
                        .anyMatch(action -> like(
                                action.toLowerCase(Locale.ROOT),
                                request.action().toLowerCase(Locale.ROOT)))
                && statement.texts("Resource").stream().anyMatch(resource -> like(resource, request.resource()))
                && statement.object("Condition").stream().allMatch(conditions -> holds(conditions, request));
    }

    private static List<String> principals(PropertyMap statement) {
        boolean anyone = statement.asMap().get("Principal") instanceof String;
        return anyone ? List.of() : statement.object("Principal").orElseThrow().texts("Service");
    }

    private static boolean holds(PropertyMap conditions, Request request) {
        Map<String, String> context =
                Map.of("aws:sourcearn", request.sourceArn(), "aws:sourceaccount", request.sourceAccount());
        return conditions.asMap().keySet().stream()
                .map(operator -> conditions.object(operator).orElseThrow())
                .allMatch(operator -> operator.asMap().keySet().stream().allMatch(key -> {
                    Optional<String> actual = Optional.ofNullable(context.get(key.toLowerCase(Locale.ROOT)));
                    return actual.isEmpty()
                            || operator.texts(key).stream().anyMatch(allowed -> like(allowed, actual.get()));
                }));
    }

    private static boolean like(String pattern, String text) {
        String expression = Pattern.quote(pattern).replace("*", "\\E.*\\Q");
        return text.matches(expression);
    }
}
