package io.datastream.imaging.load.ledger;

import java.util.List;
import java.util.Locale;

/**
 * What became of the uploads.
 *
 * @param uploaded acknowledged by S3, poison files included
 * @param recorded with the record that they must have
 * @param poison uploads that the pipeline must reject
 * @param deadLettered poison uploads that are in the DLQ
 * @param problems each upload, record or message that is not as it must be
 */
public record Verdict(int uploaded, int recorded, int poison, int deadLettered, List<Problem> problems) {

    public Verdict {
        problems = List.copyOf(problems);
    }

    /** What can be wrong. */
    public enum Kind {
        /** An upload without any record. */
        LOST,
        /** A key whose newest record is not that of its newest upload. */
        STALE,
        /** A record that differs from its upload, or of which there was no upload. */
        WRONG,
        /** A poison file that is not in the DLQ. */
        POISON_NOT_IN_DLQ,
        /** A message in the DLQ that is not of a poison file. */
        WRONGLY_IN_DLQ;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * One thing that is wrong.
     *
     * @param objectKey synthetic; empty if the message in the DLQ is not of this run
     * @param uploadId which upload of the key; empty if the problem is not one upload's
     */
    public record Problem(Kind kind, String objectKey, String uploadId) {}

    public long count(Kind kind) {
        return problems.stream().filter(problem -> problem.kind() == kind).count();
    }
}
