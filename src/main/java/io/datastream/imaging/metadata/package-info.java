/**
 * An object-created event becomes image metadata, and that an item of the table. Pure: no AWS client, no clock.
 *
 * <pre>
 * message body ── {@link io.datastream.imaging.metadata.MessageReader} ──▶ {@link io.datastream.imaging.metadata.MessageContent}
 *                   decodes, then extracts             uploads, ignored events, rejections
 *                 {@link io.datastream.imaging.metadata.MetadataExtractor} with the
 *                 {@link io.datastream.imaging.metadata.PatientIdPattern}
 * {@link io.datastream.imaging.metadata.ImageMetadata} ── {@link io.datastream.imaging.metadata.ImageMetadataTable} ──▶ DynamoDB item
 * </pre>
 */
@NullMarked
package io.datastream.imaging.metadata;

import org.jspecify.annotations.NullMarked;
