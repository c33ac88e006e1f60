package io.datastream.imaging.load.comparison;

import io.datastream.imaging.load.report.Usage;
import io.datastream.imaging.local.UploadedObject;

/** One architecture under test. */
interface Variant extends AutoCloseable {

    String name();

    /** The variant's own table, with what was written to it. */
    LimitedTable table();

    /** An object was stored; variants that get events act on it. */
    void uploaded(UploadedObject upload);

    /** About how many uploads it still has to do with; 0 if nothing more will happen by itself. */
    long pending();

    long invocations();

    /** How long functions ran in all; of a machine, how long it was at work. */
    double functionSeconds();

    /**
     * What so many uploads use, at the ratios of a scenario, if there are a million a month and the bucket keeps them.
     *
     * @param uploads of the scenario
     */
    Usage monthOfAMillion(long uploads, Scenario.Use use);

    @Override
    void close();
}
