/**
 * The dead-letter queue explains itself and gives back what it holds. Nothing here prints; what it returns names
 * messages by their IDs only.
 *
 * <pre>
 * {@link io.datastream.imaging.deadletter.DeadLetterQueue} ── {@link io.datastream.imaging.deadletter.Scan} ──▶ {@link io.datastream.imaging.deadletter.DeadLetter}s, each once, in {@link io.datastream.imaging.deadletter.HeldMessages} till the end
 *   ── {@link io.datastream.imaging.deadletter.MessageExaminer} ──▶ {@link io.datastream.imaging.deadletter.Diagnosis}: the function's own reader, then the table
 *        ├─ {@link io.datastream.imaging.deadletter.Inspection}   counts
 *        ├─ {@link io.datastream.imaging.deadletter.Replay}       sends, then deletes what was accepted   ({@link io.datastream.imaging.deadletter.MoveTask}: SQS does it)
 *        ├─ {@link io.datastream.imaging.deadletter.Saving}       writes an archive
 *        └─ {@link io.datastream.imaging.deadletter.Dropping}     deletes what stands in an archive
 * </pre>
 *
 * <p>A crash at any point is safe by construction. A message is hidden from others for a short time only, again and
 * again while it is held, so that it is back within a minute of a crash; and it is deleted only after the queue it goes
 * to, or the disk, has it.
 */
@NullMarked
package io.datastream.imaging.deadletter;

import org.jspecify.annotations.NullMarked;
