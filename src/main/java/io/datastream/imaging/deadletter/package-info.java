/**
 * The operator's work on a dead-letter queue. Nothing here prints. What it returns names messages by their IDs only,
 * except where the caller asks for samples.
 *
 * <pre>
 * {@link io.datastream.imaging.deadletter.Queue} ─ {@link io.datastream.imaging.deadletter.Drain} ─▶ {@link io.datastream.imaging.deadletter.DeadLetter}
 *   ─ {@link io.datastream.imaging.deadletter.MessageExaminer} ─▶ {@link io.datastream.imaging.deadletter.Diagnosis}: the function's own reader, then the table
 *   ─ {@link io.datastream.imaging.deadletter.Action}
 *        {@link io.datastream.imaging.deadletter.Inspect}   counts
 *        {@link io.datastream.imaging.deadletter.Replay}    sends; the drain then deletes what was accepted
 *        {@link io.datastream.imaging.deadletter.Save}      writes a file
 *        {@link io.datastream.imaging.deadletter.Drop}      accepts what is in such a file
 * </pre>
 *
 * <p>A crash at any point loses nothing: a message is deleted only after the other queue, or the file, has it.
 */
@NullMarked
package io.datastream.imaging.deadletter;

import org.jspecify.annotations.NullMarked;
