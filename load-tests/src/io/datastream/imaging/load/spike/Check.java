package io.datastream.imaging.load.spike;

/**
 * One line of the judgement on a run.
 *
 * @param name what was measured, with its unit if it has one
 * @param limit what it may be, and who says so; or why there is no limit
 */
record Check(String name, String measured, String limit, Result result) {

    enum Result {
        PASSED,
        FAILED,
        NOT_APPLIED;

        @Override
        public String toString() {
            return name().replace('_', ' ');
        }
    }

    static Check of(String name, String measured, String limit, boolean passed) {
        return new Check(name, measured, limit, passed ? Result.PASSED : Result.FAILED);
    }
}
