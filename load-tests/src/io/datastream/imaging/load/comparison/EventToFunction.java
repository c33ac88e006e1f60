package io.datastream.imaging.load.comparison;

import io.datastream.imaging.load.report.Usage;
import io.datastream.imaging.local.UploadedObject;
import java.time.Duration;

/** An event invokes the function, asynchronously: S3's notification itself, or a rule of EventBridge. */
final class EventToFunction implements Variant {

    /** EventBridge adds a few hundred milliseconds. */
    private static final Duration EVENT_BUS_DELAY = Duration.ofMillis(300);

    private static final int WRITE_UNITS_PER_RECORD = 2;

    private final String name;
    private final boolean overEventBus;
    private final LimitedTable table;
    private final AsynchronousFunction<UploadedObject> function;

    EventToFunction(String name, boolean overEventBus, LimitedTable table, PutItem putItem, int concurrency) {
        this.name = name;
        this.overEventBus = overEventBus;
        this.table = table;
        this.function = new AsynchronousFunction<>(
                upload -> putItem.write(
                        upload.bucket(),
                        upload.key(),
                        upload.versionId().orElse(upload.sequencer()),
                        upload.eTag(),
                        upload.size(),
                        upload.time()),
                concurrency);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public LimitedTable table() {
        return table;
    }

    @Override
    public void uploaded(UploadedObject upload) {
        function.invoke(upload, overEventBus ? EVENT_BUS_DELAY : Duration.ZERO);
    }

    @Override
    public long pending() {
        return function.pending();
    }

    @Override
    public long invocations() {
        return function.invocations();
    }

    @Override
    public double functionSeconds() {
        return function.seconds();
    }

    @Override
    public Usage monthOfAMillion(long uploads, Scenario.Use use) {
        double events = overEventBus ? uploads : 0;
        double writeUnits = (double) uploads * WRITE_UNITS_PER_RECORD;
        return new Usage(uploads, 0, events, 0, 0, use.invocations(), use.functionSeconds(), writeUnits, 0);
    }

    @Override
    public void close() {
        function.close();
    }
}
