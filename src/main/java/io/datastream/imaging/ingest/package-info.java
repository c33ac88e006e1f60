/**
 * The Lambda function: a batch of queue messages becomes records of the table. The response names the messages that did
 * not.
 *
 * <pre>
 * SQS event ── {@link io.datastream.imaging.ingest.IngestHandler}
 *                ├─ {@link io.datastream.imaging.ingest.Batch}         the records to write, and the messages that own each
 *                ├─ {@link io.datastream.imaging.ingest.BatchWriter}   BatchWriteItem until all is written or the deadline
 *                ├─ {@link io.datastream.imaging.ingest.Telemetry}     log lines and embedded metrics
 *                └─ batch item failures: messages rejected, or with a record unwritten
 * </pre>
 */
@NullMarked
package io.datastream.imaging.ingest;

import org.jspecify.annotations.NullMarked;
