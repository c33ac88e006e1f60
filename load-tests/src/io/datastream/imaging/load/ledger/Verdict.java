package io.datastream.imaging.load.ledger;

/**
 * What became of the uploads.
 *
 * @param uploaded acknowledged by S3, poison files included
 * @param unconfirmed without a good answer of S3
 * @param recorded with the record that they must have
 * @param lost without any record
 * @param stale keys whose newest record is not that of the newest upload
 * @param wrong records that differ from their upload, or of which there was no upload
 * @param poison uploads that the pipeline must reject
 * @param deadLettered poison uploads that are in the DLQ
 * @param wronglyDeadLettered messages in the DLQ of other uploads, or of none
 */
public record Verdict(
        int uploaded,
        int unconfirmed,
        int recorded,
        int lost,
        int stale,
        int wrong,
        int poison,
        int deadLettered,
        int wronglyDeadLettered) {

    /** Every upload has its record, every poison file is in the DLQ, and nothing else is anywhere. */
    public boolean passed() {
        return uploaded > 0
                && recorded == uploaded - poison
                && lost == 0
                && stale == 0
                && wrong == 0
                && deadLettered == poison
                && wronglyDeadLettered == 0;
    }
}
