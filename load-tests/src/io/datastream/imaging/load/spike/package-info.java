/**
 * Uploads in any pattern, watched and judged.
 *
 * <pre>
 * {@link io.datastream.imaging.load.spike.SpikeSimulation}  (Gatling)
 *   {@link io.datastream.imaging.load.spike.UploadFeeder} ─▶ signed PUT ─▶ ledger       {@link io.datastream.imaging.load.spike.Chaos} meanwhile, {@link io.datastream.imaging.load.spike.Monitor} looks on
 *   {@link io.datastream.imaging.load.spike.Pipeline}: settled? what is in the table, what in the DLQ
 *   audit ─▶ report
 * </pre>
 */
@NullMarked
package io.datastream.imaging.load.spike;

import org.jspecify.annotations.NullMarked;
