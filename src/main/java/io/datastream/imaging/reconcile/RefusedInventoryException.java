package io.datastream.imaging.reconcile;

import org.jspecify.annotations.Nullable;

/** An inventory cannot be reconciled. The message contains the reason and the place, and no name from the inventory. */
public final class RefusedInventoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final RefusalReason reason;

    RefusedInventoryException(RefusalReason reason, String detail) {
        this(reason, detail, null);
    }

    RefusedInventoryException(RefusalReason reason, String detail, @Nullable Throwable cause) {
        super(detail.isEmpty() ? reason.label() : reason.label() + ": " + detail, cause);
        this.reason = reason;
    }

    public RefusalReason reason() {
        return reason;
    }
}
