package io.datastream.imaging.notification;

/** One event of a notification, as the pipeline sees it. */
public sealed interface NotificationEvent permits ObjectCreated, NotificationEvent.Ignored, NotificationEvent.Rejected {

    /**
     * An event that is rightly no record: a test event, a deletion, a folder marker, a subscription message.
     *
     * <p>A message of nothing but these is acknowledged.
     */
    record Ignored() implements NotificationEvent {}

    /** An event, or a whole message, that cannot become a record. */
    record Rejected(RejectionReason reason) implements NotificationEvent {}

    /** An event that is rightly no record. */
    static NotificationEvent ignored() {
        return new Ignored();
    }

    /**
     * An event that fails its message.
     *
     * @param reason why it cannot become a record
     */
    static NotificationEvent rejected(RejectionReason reason) {
        return new Rejected(reason);
    }
}
