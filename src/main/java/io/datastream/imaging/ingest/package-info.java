/**
 * The Lambda function: a batch of queue messages becomes records of the table, and an answer that names the messages
 * which did not.
 *
 * <pre>
 * SQS event ── {@link io.datastream.imaging.ingest.IngestHandler}
 *                ├─ {@link io.datastream.imaging.ingest.Batch}         which records to write, and which messages own each
 *                ├─ {@link io.datastream.imaging.ingest.BatchWriter}   BatchWriteItem until all is written or time is up
 *                ├─ {@link io.datastream.imaging.ingest.Telemetry}     log lines and embedded metrics
 *                └─ batch item failures: messages rejected, or with a record unwritten
 * </pre>
 */
@NullMarked
package io.datastream.imaging.ingest;

import org.jspecify.annotations.NullMarked;
