package io.datastream.imaging.cli;

import io.datastream.imaging.deadletter.StoppedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;

/** Makes one line of what went wrong: why, and what to do next. No body of a message ever gets into it. */
final class ErrorMessage {

    private ErrorMessage() {}

    static String of(Throwable failure) {
        return switch (failure) {
            case OperatorException ready -> String.valueOf(ready.getMessage());
            case StoppedException stopped -> "stopped; everything that was held is given back";
            case AwsServiceException answer -> of(answer);
            case SdkClientException noAnswer -> of(noAnswer);
            case UncheckedIOException wrapped -> of(Objects.requireNonNull(wrapped.getCause()));
            case FileAlreadyExistsException there -> there.getFile() + " is there already: give another name";
            case NoSuchFileException missing -> "there is no file or folder " + missing.getFile();
            case AccessDeniedException denied -> "no permission for the file " + denied.getFile();
            case IOException e -> "cannot read or write: " + e.getMessage();
            default -> "unexpected " + failure.getClass().getName() + " (a bug: please report it)";
        };
    }

    private static String of(AwsServiceException answer) {
        String code = code(answer);
        if (code.contains("AccessDenied") || answer.statusCode() == 403) {
            return "AWS refuses: " + text(answer)
                    + ". Use credentials that have the permission (README, \"Permissions of the tools\")";
        }
        if (code.contains("NonExistentQueue") || code.contains("QueueDoesNotExist")) {
            return "there is no such queue: check --dlq and --queue, region and account";
        }
        if (code.contains("ResourceNotFound")) {
            return "there is no such table or function: check --table and --stack, region and account";
        }
        if (answer.isThrottlingException() || answer.statusCode() >= 500) {
            return "AWS does not keep up (" + code + "): nothing is lost, run the command again later";
        }
        return "AWS answers " + code + ": check what the command was given, then run it again";
    }

    private static String of(SdkClientException noAnswer) {
        String message = String.valueOf(noAnswer.getMessage());
        if (message.contains("region")) {
            return "no AWS region is set: set AWS_REGION";
        }
        if (message.contains("credentials")) {
            return "no AWS credentials are set: set AWS_PROFILE, or sign in";
        }
        @Nullable Throwable cause = noAnswer;
        while (cause != null) {
            if (cause instanceof ConnectException
                    || cause instanceof UnknownHostException
                    || cause instanceof SocketTimeoutException) {
                return "AWS is not reachable (" + cause.getClass().getSimpleName()
                        + "): check the network and AWS_ENDPOINT_URL; nothing is lost, run the command again";
            }
            cause = cause.getCause();
        }
        return "no answer from AWS (" + noAnswer.getClass().getSimpleName()
                + "): nothing is lost, run the command again";
    }

    static String code(AwsServiceException answer) {
        String code = answer.awsErrorDetails() == null
                ? null
                : answer.awsErrorDetails().errorCode();
        return code == null ? "HTTP " + answer.statusCode() : code;
    }

    /** What AWS says to a refused caller names the caller, the action and the resource. */
    private static String text(AwsServiceException answer) {
        String text = answer.awsErrorDetails() == null
                ? null
                : answer.awsErrorDetails().errorMessage();
        return text == null ? code(answer) : text.lines().findFirst().orElse(code(answer));
    }
}
