/**
 * The body of a queue message becomes object-created events. Pure: text in, values out, no AWS client.
 *
 * <pre>
 * body ── {@link io.datastream.imaging.notification.NotificationDecoder} ──▶ {@link io.datastream.imaging.notification.NotificationEvent}s
 *           S3 event, bare or in an SNS envelope              {@link io.datastream.imaging.notification.ObjectCreated}
 *           EventBridge event, bare or in an SNS envelope     Ignored
 *             │                                               Rejected, with a {@link io.datastream.imaging.notification.RejectionReason}
 *             └─ {@link io.datastream.imaging.notification.Envelope}   the fields of all envelopes, null where absent
 *                  └─ {@link io.datastream.imaging.notification.JsonReader}   strict JSON, in one pass
 * </pre>
 */
@NullMarked
package io.datastream.imaging.notification;

import org.jspecify.annotations.NullMarked;
