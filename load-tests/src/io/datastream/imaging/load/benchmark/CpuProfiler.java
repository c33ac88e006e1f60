package io.datastream.imaging.load.benchmark;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * CPU time of the whole process for each operation, in microseconds: of all its threads, the collector and the compiler
 * included, and not of its neighbours on a shared machine.
 */
public final class CpuProfiler implements InternalProfiler {

    /** The name of the secondary result. */
    static final String LABEL = "cpu";

    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private long before;

    @Override
    public String getDescription() {
        return "CPU time of the process";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        before = SYSTEM.getProcessCpuTime();
    }

    @Override
    public Collection<? extends Result<?>> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        double microseconds = (SYSTEM.getProcessCpuTime() - before) / 1e3;
        long operations = result.getMetadata().getAllOps();
        return List.of(new ScalarResult(LABEL, microseconds / operations, "us/op", AggregationPolicy.AVG));
    }
}
