package io.datastream.imaging.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datastream.imaging.local.template.Stack;
import io.datastream.imaging.local.template.StackSettings;
import io.datastream.imaging.local.template.Template;
import io.datastream.imaging.local.template.TemplateException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResourcePolicyTest {
    private static final String TOPIC = "arn:aws:sns:us-east-1:000000000000:uploads";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            {Effect: Allow, Principal: {Service: s3.amazonaws.com}, Action: sns:Publish, Resource: '*'}             | true
            {Effect: Allow, Principal: {Service: [x, s3.amazonaws.com]}, Action: 'SNS:*', Resource: 'arn:*:uploads'} | true
            {Effect: Deny, Principal: {Service: s3.amazonaws.com}, Action: sns:Publish, Resource: '*'}              | false
            {Effect: Allow, Principal: {Service: sns.amazonaws.com}, Action: sns:Publish, Resource: '*'}            | false
            {Effect: Allow, Principal: {AWS: '*'}, Action: sns:Publish, Resource: '*'}                              | true
            {Effect: Allow, Principal: '*', Action: sns:Publish, Resource: '*'}                                     | true
            {Effect: Allow, Principal: {AWS: 'arn:aws:iam::1:root'}, Action: sns:Publish, Resource: '*'}            | false
            {Effect: Allow, Principal: {Service: s3.amazonaws.com}, Action: sns:Subscribe, Resource: '*'}           | false
            {Effect: Allow, Principal: {Service: s3.amazonaws.com}, Action: sns:Publish, Resource: 'arn:*:other'}   | false
            """)
    void aStatementAllowsItsServiceItsActionOnItsResource(String statement, boolean allowed) {
        assertThat(ResourcePolicy.allow(List.of(policy(statement)), request())).isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            {ArnEquals: {'aws:SourceArn': 'arn:aws:s3:::uploads'}}                  | true
            {ArnLike: {'AWS:SourceArn': 'arn:aws:s3:::up*'}}                        | true
            {ArnEquals: {'aws:SourceArn': ['arn:aws:s3:::x', 'arn:aws:s3:::uploads']}} | true
            {ArnEquals: {'aws:SourceArn': 'arn:aws:s3:::other'}}                    | false
            {StringEquals: {'aws:SourceAccount': '000000000000'}}                   | true
            {StringEquals: {'aws:SourceAccount': '111111111111'}}                   | false
            {StringEquals: {'aws:SourceArn': 'arn:aws:s3:::up*'}}                   | false
            {StringLike: {'aws:SourceArn': 'arn:aws:s3:::up?oads'}}                 | true
            {Bool: {'aws:SecureTransport': 'true'}}                                 | true
            {Bool: {'aws:SecureTransport': 'false'}}                                | false
            """)
    void aConditionOnTheSourceCounts(String condition, boolean allowed) {
        String statement =
                "{Effect: Allow, Principal: {Service: s3.amazonaws.com}, Action: sns:Publish, Resource: '*', Condition: "
                        + condition + "}";

        assertThat(ResourcePolicy.allow(List.of(policy(statement)), request())).isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            {Effect: Deny, Principal: '*', Action: 'sns:*', Resource: '*'}                                          | false
            {Effect: Deny, Principal: {Service: s3.amazonaws.com}, Action: sns:Publish, Resource: '*'}              | false
            {Effect: Deny, Principal: {Service: x.amazonaws.com}, Action: sns:Publish, Resource: '*'}               | true
            {Effect: Deny, Principal: '*', Action: sns:Publish, Resource: '*', Condition: {Bool: {'aws:SecureTransport': 'false'}}} | true
            {Effect: Deny, Principal: '*', Action: sns:Publish, Resource: '*', Condition: {StringEquals: {'aws:SourceAccount': '000000000000'}}} | false
            """)
    void anExplicitDenyOutweighsEveryAllowOfAnyPolicy(String deny, boolean allowed) {
        ResourcePolicy allow =
                policy("{Effect: Allow, Principal: {Service: s3.amazonaws.com}, Action: sns:Publish, Resource: '*'}");

        assertThat(ResourcePolicy.allow(List.of(allow, policy(deny)), request()))
                .isEqualTo(allowed);
        assertThat(ResourcePolicy.allow(List.of(policy(deny), allow), request()))
                .isEqualTo(allowed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{Effect: Deny, NotPrincipal: {Service: s3.amazonaws.com}, Action: sns:Publish, Resource: '*'}",
                "{Effect: Deny, Principal: '*', NotAction: sns:Publish, Resource: '*'}",
                "{Effect: Allow, Principal: {Federated: x}, Action: sns:Publish, Resource: '*'}",
                "{Effect: Allow, Principal: everyone, Action: sns:Publish, Resource: '*'}",
                "{Effect: Permit, Principal: '*', Action: sns:Publish, Resource: '*'}",
                "{Effect: Allow, Action: sns:Publish, Resource: '*'}",
                "{Effect: Deny, Principal: '*', Action: sns:Publish, Resource: '*', Condition: {StringNotEquals: {'aws:SourceAccount': x}}}",
                "{Effect: Deny, Principal: '*', Action: sns:Publish, Resource: '*', Condition: {StringEquals: {'aws:PrincipalOrgID': x}}}",
            })
    void whatIsNotEvaluatedIsRefused(String statement) {
        assertThatThrownBy(() -> policy(statement)).isInstanceOf(TemplateException.class);
    }

    private static ResourcePolicy.Request request() {
        return new ResourcePolicy.Request(
                "s3.amazonaws.com", "sns:Publish", TOPIC, "arn:aws:s3:::uploads", "000000000000");
    }

    private static ResourcePolicy policy(String statement) {
        Stack stack = Template.parse(
                        "Resources: {P: {Type: T::T, Properties: {D: {Statement: [%s]}}}}".formatted(statement))
                .instantiate(new StackSettings(
                        "stack", "us-east-1", "000000000000", URI.create("http://127.0.0.1:1"), Map.of()));
        return new ResourcePolicy(
                stack.resources().getFirst().properties().object("D").orElseThrow());
    }
}
