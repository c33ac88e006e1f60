/**
 * The same uploads through five architectures at once, each with a table, a concurrency limit and a table capacity of
 * its own.
 *
 * <p>Real: S3's stored objects and listings, our topic, queue, event source and function, every DynamoDB write. Modelled,
 * by what AWS documents: asynchronous invocation with its retries, EventBridge's delay, the table's capacity and outage,
 * cold starts. Nobody's code is made slow on purpose.
 */
@NullMarked
package io.datastream.imaging.load.comparison;

import org.jspecify.annotations.NullMarked;
