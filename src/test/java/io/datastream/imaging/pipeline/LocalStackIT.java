package io.datastream.imaging.pipeline;

import cloud.localstack.Localstack;
import cloud.localstack.docker.LocalstackDockerExtension;
import cloud.localstack.docker.annotation.IEnvironmentVariableProvider;
import cloud.localstack.docker.annotation.LocalstackDockerProperties;
import java.io.IOException;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The same tests on LocalStack, in Docker. Its own CloudFormation deploys the template. The image is pinned: later tags
 * need a licence token, which is passed on if {@code LOCALSTACK_AUTH_TOKEN} is set.
 */
@ExtendWith({DockerCondition.class, LocalstackDockerExtension.class})
@LocalstackDockerProperties(
        imageName = "localstack/localstack",
        imageTag = "4.14.0",
        services = {
            "cloudformation",
            "cloudwatch",
            "dynamodb",
            "events",
            "iam",
            "kms",
            "lambda",
            "logs",
            "s3",
            "sns",
            "sqs",
            "sts"
        },
        environmentVariableProvider = LocalStackIT.Environment.class)
class LocalStackIT extends PipelineContract {

    /** For the container. */
    public static final class Environment implements IEnvironmentVariableProvider {
        @Override
        public Map<String, String> getEnvironmentVariables() {
            Map<String, String> variables = new HashMap<>();
            String token = System.getenv("LOCALSTACK_AUTH_TOKEN");
            if (token != null && !token.isEmpty()) {
                variables.put("LOCALSTACK_AUTH_TOKEN", token);
            }
            return variables;
        }
    }

    private static StackOnEndpoint stack;

    @BeforeAll
    static void deploy() throws IOException {
        stack = StackOnEndpoint.deploy(endpoint());
    }

    @AfterAll
    static void delete() {
        if (stack != null) {
            stack.close();
        }
    }

    @Override
    PipelineUnderTest connect() {
        return PipelineUnderTest.at(endpoint(), stack.outputs());
    }

    private static Endpoint endpoint() {
        return new Endpoint(URI.create(Localstack.INSTANCE.endpointForPort(Localstack.INSTANCE.getEdgePort())));
    }
}
