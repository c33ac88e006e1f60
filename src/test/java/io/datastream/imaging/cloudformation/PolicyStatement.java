package io.datastream.imaging.cloudformation;

import io.datastream.imaging.local.template.PropertyMap;
import io.datastream.imaging.local.template.Resource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A statement of a policy in the template.
 *
 * @param holder the resource whose policy it is
 * @param document as it stands there, evaluated
 */
record PolicyStatement(Resource holder, PropertyMap document) {
    /** Actions of services whose resources no policy can name, or that list resources by a prefix. */
    private static final Set<String> ACTIONS_WITHOUT_RESOURCES =
            Set.of("xray:PutTraceSegments", "xray:PutTelemetryRecords", "cloudwatch:DescribeAlarms");

    /** The statements of a resource's policies; none if it is no policy and has none. */
    static Stream<PolicyStatement> of(Resource resource) {
        return Stream.of("PolicyDocument", "KeyPolicy", "AssumeRolePolicyDocument")
                // X-Ray takes its policy as a text.
                .filter(name -> resource.properties().asMap().get(name) instanceof Map)
                .flatMap(name -> resource.properties().object(name).stream())
                .flatMap(policy -> policy.objects("Statement").stream())
                .map(statement -> new PolicyStatement(resource, statement));
    }

    boolean allows() {
        return document.requiredText("Effect").equals("Allow");
    }

    /** Whether it speaks of everyone: {@code Principal: '*'}. */
    boolean isForEveryone() {
        return "*".equals(document.asMap().get("Principal"))
                || principals("AWS").contains("*");
    }

    List<String> services() {
        return principals("Service");
    }

    List<String> actions() {
        return document.texts("Action");
    }

    List<String> resources() {
        return document.texts("Resource");
    }

    /** Every value that a condition key must have, whatever the operator; empty if no condition names the key. */
    List<String> required(String conditionKey) {
        return conditions()
                .flatMap(operator -> operator.getValue().texts(conditionKey).stream())
                .toList();
    }

    /** Whether a condition on the source of the call limits it. */
    boolean isLimitedToASource() {
        return Stream.of(
                        "aws:SourceArn",
                        "aws:SourceAccount",
                        "kms:EncryptionContext:aws:logs:arn",
                        "kms:EncryptionContext:aws:sqs:arn")
                .anyMatch(key -> !required(key).isEmpty());
    }

    /** Whether it allows any action, anything or anyone at all, where it could say which. */
    boolean isTooWide() {
        boolean ofKey = holder.type().equals("AWS::KMS::Key");
        // IAM decides who in the account may do what with the key: a key's policy has no narrower way to say so.
        boolean leavesItToIam = ofKey
                && principals("AWS").stream().allMatch(arn -> arn.endsWith(":root"))
                && services().isEmpty();
        return isForEveryone()
                || actions().stream().anyMatch(action -> action.contains("*") && !leavesItToIam)
                // In a key's policy '*' is this key; a trailing '*' is the objects of a bucket, the streams of a log.
                || resources().stream()
                        .anyMatch(arn -> arn.equals("*")
                                ? !ofKey && !ACTIONS_WITHOUT_RESOURCES.containsAll(actions())
                                : arn.matches(".*\\*.+"));
    }

    /** Whether it refuses every call without TLS, of anyone, to all that the resource ARN covers. */
    boolean refusesPlainText(String resourceArn) {
        return !allows()
                && isForEveryone()
                && resources().contains(resourceArn)
                && required("aws:SecureTransport").equals(List.of("false"));
    }

    /**
     * Whether an identity that has this statement may make a call.
     *
     * @param context the call's condition keys
     */
    boolean allows(String action, String resourceArn, Map<String, String> context) {
        return allows()
                && actions().stream().anyMatch(allowed -> like(allowed, action))
                && resources().stream().anyMatch(allowed -> like(allowed, resourceArn))
                && conditions().allMatch(operator -> holds(operator, context));
    }

    private static boolean holds(Map.Entry<String, PropertyMap> operator, Map<String, String> context) {
        if (!operator.getKey().equals("StringEquals")) {
            throw new IllegalArgumentException("no such operator here: " + operator.getKey());
        }
        PropertyMap keys = operator.getValue();
        return keys.asMap().keySet().stream().allMatch(key -> keys.texts(key).contains(context.getOrDefault(key, "")));
    }

    private Stream<Map.Entry<String, PropertyMap>> conditions() {
        return document.object("Condition").stream().flatMap(conditions -> conditions.asMap().keySet().stream()
                .map(operator -> Map.entry(operator, conditions.object(operator).orElseThrow())));
    }

    private List<String> principals(String kind) {
        return document.asMap().get("Principal") instanceof Map
                ? document.object("Principal")
                        .map(principal -> principal.texts(kind))
                        .orElse(List.of())
                : List.of();
    }

    private static boolean like(String pattern, String text) {
        String expression = pattern.toLowerCase(Locale.ROOT)
                .chars()
                .mapToObj(character -> character == '*' ? ".*" : Pattern.quote(Character.toString(character)))
                .collect(Collectors.joining());
        return text.toLowerCase(Locale.ROOT).matches(expression);
    }

    @Override
    public String toString() {
        return holder.logicalId() + " "
                + Optional.ofNullable(document.asMap().get("Sid")).orElse("without Sid");
    }
}
