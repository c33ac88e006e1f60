/**
 * The body of a queue message becomes object-created events. Pure: text in, values out, no AWS client.
 *
 * <pre>
 * body ── {@link io.datastream.imaging.notification.Envelope}              the fields of all known envelopes, null where absent
 *      ── {@link io.datastream.imaging.notification.NotificationDecoder}   which envelope it is, and what each event in it means
 *      ─▶ {@link io.datastream.imaging.notification.NotificationEvent}s    {@link io.datastream.imaging.notification.ObjectCreated}, ignored,
 *                                or rejected with a {@link io.datastream.imaging.notification.RejectionReason}
 * </pre>
 *
 * Envelopes: an S3 event or an EventBridge event, each bare or in an SNS notification.
 */
@NullMarked
package io.datastream.imaging.notification;

import org.jspecify.annotations.NullMarked;
