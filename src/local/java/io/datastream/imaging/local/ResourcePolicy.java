package io.datastream.imaging.local;

import io.datastream.imaging.local.template.PropertyMap;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The policy of a topic or a queue. It is evaluated as IAM does: one statement that denies outweighs all that allow, and
 * what no statement allows is refused. Only what the template uses is evaluated; everything else is a
 * {@link io.datastream.imaging.local.template.TemplateException} when the policy is read.
 *
 * @see <a href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html">Policy
 *     evaluation logic</a>
 */
public final class ResourcePolicy {
    private static final Set<String> ELEMENTS = Set.of("Sid", "Effect", "Principal", "Action", "Resource", "Condition");

    /** Operators that compare with any of the values; those of ARNs and {@code StringLike} take wildcards. */
    private static final Set<String> EXACT_OPERATORS = Set.of("StringEquals", "Bool");

    private static final Set<String> WILDCARD_OPERATORS = Set.of("StringLike", "ArnEquals", "ArnLike");

    /**
     * A call by a service. Services always use TLS.
     *
     * @param service such as {@code s3.amazonaws.com}
     * @param action such as {@code sns:Publish}
     * @param resource the ARN of the topic or the queue
     * @param sourceArn on whose behalf the service calls
     * @param sourceAccount the account of the source
     */
    public record Request(String service, String action, String resource, String sourceArn, String sourceAccount) {
        private Map<String, String> conditionKeys() {
            return Map.of(
                    "aws:sourcearn", sourceArn, "aws:sourceaccount", sourceAccount, "aws:securetransport", "true");
        }
    }

    private final List<PropertyMap> statements;

    /**
     * Reads a policy.
     *
     * @throws io.datastream.imaging.local.template.TemplateException if it holds what is not evaluated here
     */
    public ResourcePolicy(PropertyMap document) {
        statements = document.objects("Statement");
        statements.forEach(ResourcePolicy::check);
    }

    /** Whether the policies of a resource, all together, allow the request. */
    public static boolean allow(Collection<ResourcePolicy> policies, Request request) {
        Set<String> effects = policies.stream()
                .flatMap(policy -> policy.statements.stream())
                .filter(statement -> matches(statement, request))
                .map(statement -> statement.requiredText("Effect"))
                .collect(Collectors.toSet());
        return effects.equals(Set.of("Allow"));
    }

    private static void check(PropertyMap statement) {
        requireKnown(statement, ELEMENTS);
        String effect = statement.requiredText("Effect");
        if (!effect.equals("Allow") && !effect.equals("Deny")) {
            throw statement.error("Effect", effect + " is neither Allow nor Deny");
        }
        if (statement.texts("Action").isEmpty() || statement.texts("Resource").isEmpty()) {
            throw statement.error("Action", "a statement needs Action and Resource");
        }
        if (statement.asMap().get("Principal") instanceof String everyone && !everyone.equals("*")) {
            throw statement.error("Principal", everyone + " is no principal");
        }
        principal(statement).ifPresent(principal -> requireKnown(principal, Set.of("Service", "AWS")));
        statement.object("Condition").ifPresent(conditions -> {
            for (String operator : conditions.asMap().keySet()) {
                if (!EXACT_OPERATORS.contains(operator) && !WILDCARD_OPERATORS.contains(operator)) {
                    throw conditions.error(operator, "the embedded cloud does not evaluate this operator");
                }
                PropertyMap keys = conditions.object(operator).orElseThrow();
                for (String key : keys.asMap().keySet()) {
                    if (!Set.of("aws:sourcearn", "aws:sourceaccount", "aws:securetransport")
                            .contains(key.toLowerCase(Locale.ROOT))) {
                        throw keys.error(key, "the embedded cloud does not evaluate this condition key");
                    }
                }
            }
        });
    }

    private static void requireKnown(PropertyMap map, Set<String> known) {
        map.asMap().keySet().stream().filter(name -> !known.contains(name)).forEach(name -> {
            throw map.error(name, "the embedded cloud does not evaluate this element of a policy");
        });
    }

    private static boolean matches(PropertyMap statement, Request request) {
        return isFor(statement, request.service())
                && statement.texts("Action").stream()
                        .anyMatch(action -> like(
                                action.toLowerCase(Locale.ROOT),
                                request.action().toLowerCase(Locale.ROOT)))
                && statement.texts("Resource").stream().anyMatch(resource -> like(resource, request.resource()))
                && statement.object("Condition").stream().allMatch(conditions -> hold(conditions, request));
    }

    /** Everyone ({@code *}, also as an AWS principal) includes the services; an account or a role does not. */
    private static boolean isFor(PropertyMap statement, String service) {
        return principal(statement)
                .map(principal -> principal.texts("Service").contains(service)
                        || principal.texts("AWS").contains("*"))
                .orElse(true);
    }

    /** Empty for everyone. */
    private static Optional<PropertyMap> principal(PropertyMap statement) {
        if (!statement.contains("Principal")) {
            throw statement.error("Principal", "is missing");
        }
        return statement.asMap().get("Principal") instanceof String ? Optional.empty() : statement.object("Principal");
    }

    private static boolean hold(PropertyMap conditions, Request request) {
        Map<String, String> actual = request.conditionKeys();
        return conditions.asMap().keySet().stream().allMatch(operator -> {
            PropertyMap keys = conditions.object(operator).orElseThrow();
            return keys.asMap().keySet().stream().allMatch(key -> {
                String value = actual.get(key.toLowerCase(Locale.ROOT));
                return keys.texts(key).stream()
                        .anyMatch(wanted ->
                                EXACT_OPERATORS.contains(operator) ? wanted.equals(value) : like(wanted, value));
            });
        });
    }

    private static boolean like(String pattern, String text) {
        String expression = Pattern.quote(pattern).replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q");
        return text.matches(expression);
    }
}
