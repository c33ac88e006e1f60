package io.datastream.imaging.cli;

import io.datastream.imaging.cli.BaseCommand.OperatorException;
import io.datastream.imaging.deadletter.Retries;
import io.datastream.imaging.reconcile.RefusedInventoryException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/** One line for an error: the cause, and what to do next. It contains nothing of a message. */
final class ErrorMessage {

    private static final Pattern CLIENT = Pattern.compile("software\\.amazon\\.awssdk\\.services\\.(\\w+)\\.Default.+");

    private ErrorMessage() {}

    static String of(Throwable failure) {
        return switch (failure) {
            case OperatorException ready -> String.valueOf(ready.getMessage());
            case AwsServiceException answer -> of(answer);
            case SdkException noAnswer -> ofNoAnswer(noAnswer);
            case RefusedInventoryException refused -> "the inventory cannot be used: " + refused.getMessage();
            case UncheckedIOException wrapped -> of(Objects.requireNonNull(wrapped.getCause()));
            case FileAlreadyExistsException there -> ofExisting(there.getFile());
            case NoSuchFileException missing -> "there is no file or folder " + missing.getFile();
            case AccessDeniedException denied -> "no permission for the file " + denied.getFile();
            case IOException e -> "cannot read or write: " + e.getMessage();
            case OutOfMemoryError e -> "not enough memory: run the command again with java -Xmx1g -jar";
            default ->
                "a bug (" + failure.getClass().getName()
                        + "): please report what --verbose prints, which contains no names";
        };
    }

    private static String ofExisting(String file) {
        return file.endsWith(".partial")
                ? file + " exists: another run is writing it, or was killed. Give another name, or delete it"
                : file + " exists: give another name";
    }

    /** Whether the KMS key of a queue or of the table is the cause. */
    static boolean isOfKey(AwsServiceException answer) {
        return Retries.code(answer).toUpperCase(java.util.Locale.ROOT).startsWith("KMS");
    }

    private static String of(AwsServiceException answer) {
        String code = Retries.code(answer);
        if (isOfKey(answer)) {
            return "the KMS key refuses " + operation(answer) + ": " + code + ": " + text(answer)
                    + ". Enable the key, or give your role the permission (cloudformation/RUNBOOK.md#permissions)";
        }
        if (code.contains("ExpiredToken")
                || code.equals("InvalidClientTokenId")
                || code.contains("UnrecognizedClient")) {
            return "the AWS credentials have expired or are not valid: sign in again, then run the command again";
        }
        if (code.contains("AccessDenied") || answer.statusCode() == 403) {
            return "AWS refuses " + operation(answer) + ": " + text(answer)
                    + ". What each command needs: cloudformation/RUNBOOK.md#permissions";
        }
        if (code.contains("NonExistentQueue") || code.contains("QueueDoesNotExist")) {
            return "there is no such queue: check --dlq and --queue, Region and account";
        }
        if (code.contains("ResourceNotFound")) {
            return operation(answer) + " finds no such resource: check --table and --stack, Region and account";
        }
        if (answer.isThrottlingException() || answer.statusCode() >= 500) {
            return operation(answer) + " failed for " + Retries.PATIENCE.toMinutes() + " minutes (" + code
                    + "): run the command again later";
        }
        return operation(answer) + " fails with " + code + ": " + text(answer);
    }

    private static String ofNoAnswer(SdkException noAnswer) {
        for (@Nullable Throwable cause = noAnswer; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException
                    || cause instanceof UnknownHostException
                    || cause instanceof SocketTimeoutException) {
                return operation(noAnswer) + " got no answer ("
                        + cause.getClass().getSimpleName() + "): check the network, the Region and AWS_ENDPOINT_URL";
            }
        }
        return operation(noAnswer) + " got no answer (" + noAnswer.getClass().getSimpleName()
                + "): run the command again";
    }

    /** The permission that the call needs, such as {@code sqs:ReceiveMessage}, from the client in the stack trace. */
    static String operation(SdkException failure) {
        return Arrays.stream(failure.getStackTrace())
                .flatMap(frame -> {
                    Matcher client = CLIENT.matcher(frame.getClassName());
                    return client.matches() && !frame.getMethodName().contains("$")
                            ? java.util.stream.Stream.of(permission(client.group(1), frame.getMethodName()))
                            : java.util.stream.Stream.empty();
                })
                .findFirst()
                .orElse("AWS");
    }

    private static String permission(String service, String method) {
        String action = Character.toUpperCase(method.charAt(0)) + method.substring(1);
        return service + ":" + (service.equals("sqs") ? action.replaceFirst("Batch$", "") : action);
    }

    /** The text of AWS names the caller, the action and the resource. */
    private static String text(AwsServiceException answer) {
        String text = answer.awsErrorDetails() == null
                ? null
                : answer.awsErrorDetails().errorMessage();
        return text == null ? Retries.code(answer) : text.lines().findFirst().orElse("");
    }
}
