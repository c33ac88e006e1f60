/**
 * S3 Inventory against the table: an upload that S3 never notified becomes a record all the same.
 *
 * <pre>
 * manifest.checksum ── {@link io.datastream.imaging.reconcile.InventoryBucket}   checks the MD5 of manifest and data files
 *   └─ {@link io.datastream.imaging.reconcile.Manifest} ── {@link io.datastream.imaging.reconcile.RowReader} ──▶ {@link io.datastream.imaging.reconcile.InventoryRow}s
 *        └─ {@link io.datastream.imaging.reconcile.Scope}            which rows must have a record
 *             └─ {@link io.datastream.imaging.reconcile.Reconciliation}   BatchGetItem side by side, one {@link io.datastream.imaging.reconcile.Finding} a row,
 *                                 PutItem for the missing, until the deadline
 * {@link io.datastream.imaging.reconcile.ReconcileHandler}: all of it for one queue message, and the message for the rest
 * </pre>
 */
@NullMarked
package io.datastream.imaging.reconcile;

import org.jspecify.annotations.NullMarked;
