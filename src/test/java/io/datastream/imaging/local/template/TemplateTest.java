package io.datastream.imaging.local.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TemplateTest {
    private static final String DECLARATIONS =
            """
            Parameters:
              Size: {Type: Number, Default: 5, MinValue: 2, MaxValue: 9}
              Stage: {Type: String, Default: test, AllowedValues: [test, prod]}
              Name: {Type: String, Default: abc, AllowedPattern: '[a-c]+', MaxLength: 3}
              Zones: {Type: CommaDelimitedList, Default: 'a, b'}
            Mappings:
              Limits:
                test: {Count: 3, Names: [x, y]}
                prod: {Count: 30}
            Conditions:
              IsProd: !Equals [!Ref Stage, prod]
              IsTest: !Not [!Condition IsProd]
              IsSmall: !And [!Condition IsTest, !Equals [!Ref Size, '5']]
              IsEither: !Or [!Condition IsProd, !Condition IsSmall]
            Resources:
              Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: q}}
              Topic: {Type: AWS::SNS::Topic}
              Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub '${Name}-uploads'}}
              Table: {Type: AWS::DynamoDB::Table, Properties: {TableName: !If [IsProd, big, !Ref AWS::NoValue]}}
              Function: {Type: AWS::Lambda::Function, Properties: {FunctionName: f}}
              Version: {Type: AWS::Lambda::Version, Properties: {FunctionName: !Ref Function}}
              Alias: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !GetAtt Function.Arn, Name: live}}
              Logs: {Type: AWS::Logs::LogGroup}
              Key: {Type: AWS::KMS::Key}
              Role: {Type: AWS::IAM::Role}
              Alarm: {Type: AWS::CloudWatch::Alarm}
              OnlyInProd: {Type: AWS::SNS::Topic, Condition: IsProd}
            """;

    static Stream<Arguments> values() {
        return Stream.of(
                Arguments.of("!Ref Size", "5"),
                Arguments.of("{Ref: Stage}", "test"),
                Arguments.of("!Join ['-', !Ref Zones]", "a-b"),
                Arguments.of("!Ref AWS::Region", "us-east-1"),
                Arguments.of("!Ref AWS::AccountId", "000000000000"),
                Arguments.of("!Sub '${AWS::StackName}.${AWS::URLSuffix}'", "stack.amazonaws.com"),
                Arguments.of("!Sub 'arn:${AWS::Partition}:x:${!Literal}'", "arn:aws:x:${Literal}"),
                Arguments.of(
                        "!Sub ['${Stage}-${Local}-${Queue.Arn}', {Local: !Ref Size}]",
                        "test-5-arn:aws:sqs:us-east-1:000000000000:q"),
                Arguments.of("{'Fn::Sub': '${Name}'}", "abc"),
                Arguments.of("!Join [':', [a, !Ref Stage, 7]]", "a:test:7"),
                Arguments.of("!Select [1, [a, b, c]]", "b"),
                Arguments.of("!Select [0, !Split ['/', 'x/y/z']]", "x"),
                Arguments.of("!FindInMap [Limits, !Ref Stage, Count]", "3"),
                Arguments.of("!Select ['1', !FindInMap [Limits, test, Names]]", "y"),
                Arguments.of("!If [IsProd, a, b]", "b"),
                Arguments.of("!If [IsEither, a, b]", "a"),
                Arguments.of("{'Fn::If': [IsSmall, {'Fn::GetAtt': [Queue, QueueName]}, b]}", "q"),
                Arguments.of("2012-10-17", "2012-10-17"),
                Arguments.of("'007'", "007"),
                Arguments.of("true", "true"));
    }

    @ParameterizedTest
    @MethodSource
    void values(String expression, String value) {
        assertThat(output(expression)).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({
        "!Ref Queue, http://127.0.0.1:9324/000000000000/q",
        "!GetAtt Queue.Arn, arn:aws:sqs:us-east-1:000000000000:q",
        "!GetAtt Queue.QueueName, q",
        "!Ref Topic, arn:aws:sns:us-east-1:000000000000:stack-Topic",
        "!GetAtt Topic.TopicName, stack-Topic",
        "!Ref Bucket, abc-uploads",
        "!GetAtt Bucket.Arn, arn:aws:s3:::abc-uploads",
        "!Ref Table, stack-Table",
        "!GetAtt Table.Arn, arn:aws:dynamodb:us-east-1:000000000000:table/stack-Table",
        "!Ref Function, f",
        "!GetAtt Function.Arn, arn:aws:lambda:us-east-1:000000000000:function:f",
        "!Ref Version, arn:aws:lambda:us-east-1:000000000000:function:f:1",
        "!GetAtt Version.Version, 1",
        "!Ref Alias, arn:aws:lambda:us-east-1:000000000000:function:f:live",
        "!Ref Logs, stack-Logs",
        "!GetAtt Logs.Arn, arn:aws:logs:us-east-1:000000000000:log-group:stack-Logs:*",
        "!GetAtt Role.Arn, arn:aws:iam::000000000000:role/stack-Role",
        "!Ref Alarm, stack-Alarm",
        "!GetAtt Alarm.Arn, arn:aws:cloudwatch:us-east-1:000000000000:stack-Alarm",
    })
    void resourcesAreCalledAsAwsCallsThem(String expression, String value) {
        assertThat(output(expression)).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            !Ref Nothing                    | Outputs.Value.Value: there is no parameter and no resource Nothing
            !GetAtt Nothing.Arn             | Outputs.Value.Value: there is no parameter and no resource Nothing
            !GetAtt Queue.Length            | Outputs.Value.Value: AWS::SQS::Queue has no attribute Length
            !Sub '${Nothing}'               | Outputs.Value.Value: there is no parameter and no resource Nothing
            !Ref OnlyInProd                 | Outputs.Value.Value: a condition takes the resource OnlyInProd out
            !Reff Queue                     | Outputs.Value.Value: the function Fn::Reff is not known
            !If [Nothing, a, b]             | Outputs.Value.Value: there is no condition Nothing
            !FindInMap [Limits, dev, Count] | Outputs.Value.Value: Fn::FindInMap finds no dev in Mappings
            !Select [3, [a]]                | Outputs.Value.Value: Fn::Select has no element 3
            !Join [a]                       | Outputs.Value.Value: the function takes 2 arguments
            """)
    void anErrorNamesItsPlace(String expression, String message) {
        assertThatThrownBy(() -> output(expression))
                .isInstanceOf(TemplateException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            'A: [1, 2'         | line 1: expected ',' or ']'
            'A: 1\nA: 2'       | line 2: the key A is there twice
            'A:\nB: 1'         | line 1: a value is missing
            ''                 | line 1: the template is empty
            'text'             | line 1: must be a map
            '\0'               | the text:
            """)
    void whatIsNoTemplateSaysWhere(String yaml, String message) {
        assertThatThrownBy(() -> Template.parse(yaml.translateEscapes()))
                .isInstanceOf(TemplateException.class)
                .hasMessageStartingWith(message)
                .message()
                .doesNotContain("\n");
    }

    @Test
    void aTemplateInJsonIsOneInYaml() {
        Template template = Template.parse("{\"Resources\": {\"Q\": {\"Type\": \"AWS::SQS::Queue\"}}}");

        assertThat(instantiate(template, Map.of()).resources("AWS::SQS::Queue")).hasSize(1);
    }

    @Test
    void aConditionTakesResourcesAndOutputsOut() {
        Template template = Template.parse(DECLARATIONS)
                .with("Outputs", Map.of("Topic", Map.of("Condition", "IsProd", "Value", Map.of("Ref", "OnlyInProd"))));

        Stack test = instantiate(template, Map.of());
        Stack prod = instantiate(template, Map.of("Stage", "prod"));

        assertThat(test.resources("AWS::SNS::Topic")).hasSize(1);
        assertThat(test.outputs()).isEmpty();
        assertThat(prod.resources("AWS::SNS::Topic")).hasSize(2);
        assertThat(prod.outputs()).containsEntry("Topic", "arn:aws:sns:us-east-1:000000000000:stack-OnlyInProd");
    }

    @Test
    void noValueRemovesAPropertyAndAnElement() {
        Stack stack = instantiate(
                Template.parse(
                        """
                        Conditions: {Never: !Equals [a, b]}
                        Resources:
                          Queue:
                            Type: AWS::SQS::Queue
                            Properties:
                              A: !If [Never, 1, !Ref AWS::NoValue]
                              B: [1, !If [Never, 2, !Ref AWS::NoValue], 3]
                        """),
                Map.of());

        assertThat(stack.resources().getFirst().properties().asMap()).isEqualTo(Map.of("B", List.of(1L, 3L)));
    }

    @Test
    void resourcesComeAfterThoseTheyDependOn() {
        Stack stack = instantiate(
                Template.parse(
                        """
                        Resources:
                          A: {Type: T::T, DependsOn: C, Properties: {X: !GetAtt B.Arn}}
                          B: {Type: T::T, Properties: {X: !Sub '${C}'}}
                          C: {Type: T::T}
                        """),
                Map.of());

        assertThat(stack.resources()).extracting(Resource::logicalId).containsExactly("C", "B", "A");
    }

    @Test
    void aCircleIsRefused() {
        Template template = Template.parse(
                """
                Resources:
                  A: {Type: T::T, Properties: {X: !Ref B}}
                  B: {Type: T::T, DependsOn: [A]}
                """);

        assertThatThrownBy(() -> instantiate(template, Map.of()))
                .isInstanceOf(TemplateException.class)
                .hasMessage("Resources.A: depends on itself: A -> B -> A");
    }

    @Test
    void aConditionThatDependsOnItselfIsRefused() {
        Template template = Template.parse(
                """
                Conditions: {A: !Not [!Condition B], B: !Not [!Condition A]}
                Resources: {Q: {Type: T::T, Condition: A}}
                """);

        assertThatThrownBy(() -> instantiate(template, Map.of()))
                .isInstanceOf(TemplateException.class)
                .hasMessage("Conditions.A: depends on itself");
    }

    @Test
    void aReferenceToNothingIsRefusedEvenWhereAConditionTakesItOut() {
        Template template =
                Template.parse(DECLARATIONS).with("Resources.OnlyInProd.Properties", Map.of("X", Map.of("Ref", "No")));

        assertThatThrownBy(() -> instantiate(template, Map.of()))
                .hasMessage("Resources.OnlyInProd.Properties.X: there is no parameter and no resource No");
    }

    @Test
    void aChangedCopyLeavesTheTemplateAlone() {
        Template template = Template.parse(DECLARATIONS);

        Template changed = template.with("Resources.Queue.Properties.QueueName", "other")
                .without("Resources.Alarm")
                .with("Mappings.Limits.test.Names", List.of());

        assertThat(changed.section("Resources")).doesNotContainKey("Alarm");
        assertThat(output(changed, "!GetAtt Queue.QueueName")).isEqualTo("other");
        assertThat(output(template, "!GetAtt Queue.QueueName")).isEqualTo("q");
    }

    @Test
    void aChangeOfWhatIsNotThereIsAnError() {
        Template template = Template.parse(DECLARATIONS);

        assertThatThrownBy(() -> template.without("Resources.Nobody")).isInstanceOf(TemplateException.class);
        assertThatThrownBy(() -> template.with("Resources.Nobody.Properties", "x"))
                .isInstanceOf(TemplateException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "Release, first",
        "PublishVersions, false",
        "BucketRoute, existing-notification",
        "BucketRoute, existing-eventbridge",
        "TableSource, existing",
        "ReserveConcurrency, true",
        "AlarmEmail, someone@example.org",
        "SilenceAlarmSeconds, 900",
        "KeyArn, arn:aws:kms:us-east-1:000000000000:key/1",
    })
    void theProjectsTemplateEvaluatesInEveryVariant(String parameter, String value) {
        Template template = Template.read(Path.of("cloudformation/pipeline.yaml"));

        Stack stack = instantiate(template, Map.of(parameter, value));

        assertThat(stack.resources("AWS::Lambda::Function")).hasSize(2);
        assertThat(stack.outputs()).containsKeys("BucketName", "QueueUrl", "DeadLetterQueueUrl", "TableName");
    }

    private static String output(String expression) {
        return output(Template.parse(DECLARATIONS), expression);
    }

    private static String output(Template template, String expression) {
        Object value = Template.parse("Value: {Value: " + expression + "}").section("Value");
        return instantiate(template.with("Outputs", Map.of("Value", value)), Map.of())
                .outputs()
                .get("Value");
    }

    private static Stack instantiate(Template template, Map<String, String> parameters) {
        return template.instantiate(new StackSettings(
                "stack", "us-east-1", "000000000000", URI.create("http://127.0.0.1:9324"), parameters));
    }
}
