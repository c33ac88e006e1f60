/**
 * The promises of the README under random schedules: the real function, replay and reconciliation, in one thread, under
 * a simulated clock, queue, event source, DynamoDB and S3. The same seed gives the same run.
 *
 * <pre>
 * {@link io.datastream.imaging.simulation.Schedule}: seed and {@link io.datastream.imaging.simulation.Step}s ── {@link io.datastream.imaging.simulation.Simulation} ─▶ {@link io.datastream.imaging.simulation.Violation}s
 *    {@link io.datastream.imaging.simulation.SimulatedTime}            clock, and virtual threads that run one at a time on the caller's thread
 *    {@link io.datastream.imaging.simulation.SimulatedProcess}         threads that can be paused and killed
 *    {@link io.datastream.imaging.simulation.SimulatedQueue}           SQS; {@link io.datastream.imaging.simulation.SimulatedSqs} is the operator's client
 *    {@link io.datastream.imaging.simulation.SimulatedTable}           DynamoDB
 *    {@link io.datastream.imaging.simulation.SimulatedReconciliation}  inventories in S3, and the function that reconciles them
 * {@link io.datastream.imaging.simulation.Search} looks for a violation; {@link io.datastream.imaging.simulation.Shrinking} makes its schedule small enough to read
 * {@link io.datastream.imaging.simulation.Bug}: mistakes that the {@link io.datastream.imaging.simulation.Check}s must notice
 * </pre>
 *
 * <p><b>To add a fault of DynamoDB</b>: a constant in {@link io.datastream.imaging.simulation.Fault}, and its case in
 * {@code SimulatedTable.answer}. Schedules draw it from then on. For example, an answer that names an item as unprocessed
 * which is written all the same:
 *
 * <pre>
 * // Fault
 * WRITTEN_AND_CALLED_UNPROCESSED(true),
 * // SimulatedTable.answer
 * case WRITTEN_AND_CALLED_UNPROCESSED -&gt; {
 *     write(requests, latency());
 *     process.sleep(latency(), true);
 *     yield BatchWriteItemResponse.builder().unprocessedItems(Map.of(NAME, requests)).build();
 * }
 * </pre>
 *
 * <p><b>To add a bug</b>: a constant in {@code Bug}, which overrides a part of
 * {@link io.datastream.imaging.simulation.Variant}, with the check that must notice it.
 *
 * <p>A million schedules, or one seed: {@code java @target/test-class-path.args
 * io.datastream.imaging.simulation.ManySchedules 1000000}, {@code … ManySchedules 1 SEED}.
 */
@NullMarked
package io.datastream.imaging.simulation;

import org.jspecify.annotations.NullMarked;
