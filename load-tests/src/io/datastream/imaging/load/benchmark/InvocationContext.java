package io.datastream.imaging.load.benchmark;

import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.CognitoIdentity;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;

/** An invocation with more time than it needs. Its log lines are encoded, as the runtime does, and dropped. */
class InvocationContext implements Context, LambdaLogger {

    private final LongAdder bytesLogged = new LongAdder();
    private final int remainingMillis;

    InvocationContext() {
        this(20_000);
    }

    InvocationContext(int remainingMillis) {
        this.remainingMillis = remainingMillis;
    }

    @Override
    public void log(String message) {
        log(message.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void log(byte[] message) {
        bytesLogged.add(message.length);
    }

    @Override
    public LambdaLogger getLogger() {
        return this;
    }

    @Override
    public int getRemainingTimeInMillis() {
        return remainingMillis;
    }

    @Override
    public String getFunctionName() {
        return "ingest";
    }

    @Override
    public String getAwsRequestId() {
        return "request";
    }

    @Override
    public String getLogGroupName() {
        return "group";
    }

    @Override
    public String getLogStreamName() {
        return "stream";
    }

    @Override
    public String getFunctionVersion() {
        return "1";
    }

    @Override
    public String getInvokedFunctionArn() {
        return "arn:aws:lambda:us-east-1:000000000000:function:ingest";
    }

    @Override
    public CognitoIdentity getIdentity() {
        throw new UnsupportedOperationException("no mobile SDK invoked this");
    }

    @Override
    public ClientContext getClientContext() {
        throw new UnsupportedOperationException("no mobile SDK invoked this");
    }

    @Override
    public int getMemoryLimitInMB() {
        return 1024;
    }
}
