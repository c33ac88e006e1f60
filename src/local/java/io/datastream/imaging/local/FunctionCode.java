package io.datastream.imaging.local;

import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import io.datastream.imaging.local.lambda.ExecutionEnvironment;
import io.datastream.imaging.local.lambda.FunctionConfiguration;
import io.datastream.imaging.local.lambda.FunctionError;
import io.datastream.imaging.local.lambda.InProcessEnvironment;
import io.datastream.imaging.local.lambda.ObservedEnvironment;
import io.datastream.imaging.local.lambda.ProcessEnvironment;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** The code that runs when the function is invoked. */
public sealed interface FunctionCode {
    /** The function's jar, in JVMs of their own under Lambda's runtime interface client. */
    record Jar(Path file) implements FunctionCode {
        @Override
        public ExecutionEnvironment start(FunctionConfiguration function, Consumer<String> log) throws FunctionError {
            return ProcessEnvironment.start(function, file, log);
        }
    }

    /**
     * A handler in this JVM.
     *
     * @param newHandler makes one from the function's environment variables
     */
    record InProcess(Function<Map<String, String>, RequestHandler<SQSEvent, SQSBatchResponse>> newHandler)
            implements FunctionCode {
        @Override
        public ExecutionEnvironment start(FunctionConfiguration function, Consumer<String> log) {
            return new InProcessEnvironment(function, newHandler.apply(function.environment()), log);
        }
    }

    /**
     * Other code, with an observer of its invocations.
     *
     * @param observer called with each invocation when it has ended
     */
    record Observed(FunctionCode code, Consumer<ObservedEnvironment.Invocation> observer) implements FunctionCode {
        @Override
        public ExecutionEnvironment start(FunctionConfiguration function, Consumer<String> log) throws FunctionError {
            return new ObservedEnvironment(code.start(function, log), observer);
        }
    }

    /** Starts one execution environment; the log gets each line that the function prints. */
    ExecutionEnvironment start(FunctionConfiguration function, Consumer<String> log) throws FunctionError;
}
