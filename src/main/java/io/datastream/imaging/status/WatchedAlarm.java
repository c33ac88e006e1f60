package io.datastream.imaging.status;

import java.util.Locale;

/** The alarms of {@code cloudformation/pipeline.yaml}, each with its metric and its threshold. */
public enum WatchedAlarm {
    DEAD_LETTERS("messages in the dead-letter queue", ">", 0, "AWS/SQS ApproximateNumberOfMessagesVisible"),
    UNDELIVERED("notifications that never reached the queue", ">", 0, "AWS/SQS ApproximateNumberOfMessagesVisible"),
    OLDEST_MESSAGE("age of the oldest message, in outage budgets", ">", 1, "AWS/SQS ApproximateAgeOfOldestMessage"),
    UNWRITTEN("records not written before the deadline", ">", 0, "ImagingIngest RecordsUnwritten"),
    FUNCTION_ERRORS("errors of the function", ">", 0, "AWS/Lambda Errors"),
    FUNCTION_THROTTLES("invocations that Lambda refused", ">", 0, "AWS/Lambda Throttles"),
    CONCURRENCY("per cent of MaximumConcurrency", ">=", 90, "AWS/Lambda ConcurrentExecutions"),
    TABLE_THROTTLES("throttled writes of table and index", ">", 0, "AWS/DynamoDB WriteThrottleEvents"),
    LATENCY("slow uploads in the last hour", ">", 0, "ImagingIngest UploadToRecordMilliseconds"),
    MISSED_UPLOADS("uploads of the last inventory without a record", ">", 0, "ImagingIngest MissingUploads"),
    REPAIR_CEILING("inventories beyond MaximumRepairs", ">", 0, "ImagingIngest RepairCeilingReached"),
    INVENTORIES_DEAD_LETTERS(
            "inventories that could not be compared", ">", 0, "AWS/SQS ApproximateNumberOfMessagesVisible"),
    /** Only where the stack reconciles, and has {@code NoInventoryAlarm}. */
    NO_INVENTORY("inventories compared in three days", "<", 1, "ImagingIngest InventoriesReconciled"),
    /** Only where the stack has {@code SilenceAlarmSeconds}. */
    SILENCE("notifications of S3", "<", 1, "AWS/SNS NumberOfMessagesPublished");

    private final String meaning;
    private final String comparison;
    private final double threshold;
    private final String metric;

    WatchedAlarm(String meaning, String comparison, double threshold, String metric) {
        this.meaning = meaning;
        this.comparison = comparison;
        this.threshold = threshold;
        this.metric = metric;
    }

    /** The alarm's name after that of the stack; also its anchor in {@code cloudformation/RUNBOOK.md}. */
    public String suffix() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Namespace and name of the metric. */
    String metric() {
        return metric;
    }

    /** When the alarm is on, such as {@code messages in the dead-letter queue > 0}. */
    String condition() {
        return String.format(Locale.ROOT, "%s %s %.0f", meaning, comparison, threshold);
    }

    /** Whether a stack may be without it. */
    boolean isOptional() {
        return this == SILENCE || this == NO_INVENTORY;
    }
}
