package io.datastream.imaging.deadletter;

/**
 * The right to hide or delete a message, from one receive of it.
 *
 * @param messageId the message
 * @param handle worth nothing once the message has been received again
 */
record Receipt(String messageId, String handle) {}
