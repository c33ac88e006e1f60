package io.datastream.imaging.cli;

import java.io.Console;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The progress of a run: one line that is replaced in a terminal, a line now and then in a file or a pipe. */
final class Progress implements AutoCloseable {

    private static final int BAR_WIDTH = 24;

    private final PrintWriter writer;
    private final boolean isTerminal = isTerminal();
    private final String verb;
    private final LongSupplier done;
    private final LongSupplier total;
    private final long startedAt = System.nanoTime();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("progress").factory());

    /**
     * Begins to print.
     *
     * @param total 0 if it is not known
     */
    Progress(PrintWriter writer, String verb, LongSupplier done, LongSupplier total) {
        this.writer = writer;
        this.verb = verb;
        this.done = done;
        this.total = total;
        long period = isTerminal ? 200 : 5_000;
        var unused = timer.scheduleAtFixedRate(this::print, period, period, TimeUnit.MILLISECONDS);
    }

    @SuppressWarnings("SystemConsoleNull") // JDK 25 returns null where there is no terminal; 22 to 24 did not.
    private static boolean isTerminal() {
        @Nullable Console console = System.console();
        return console != null && console.isTerminal();
    }

    private void print() {
        String text = text(done.getAsLong(), total.getAsLong(), (System.nanoTime() - startedAt) / 1e9);
        if (isTerminal) {
            writer.print("\r" + text + "\033[K");
        } else {
            writer.println(text);
        }
        writer.flush();
    }

    private String text(long count, long total, double seconds) {
        String numbers = String.format(
                Locale.ROOT,
                "%s %,d%s, %,.0f a second",
                verb,
                count,
                total == 0
                        ? ""
                        : String.format(
                                Locale.ROOT, " of about %,d (%d %%)", total, Math.min(100, 100 * count / total)),
                count / seconds);
        if (!isTerminal || total == 0) {
            return numbers;
        }
        int filled = (int) Math.min(BAR_WIDTH, BAR_WIDTH * count / total);
        return "[" + "#".repeat(filled) + " ".repeat(BAR_WIDTH - filled) + "] " + numbers;
    }

    /** Removes the line from a terminal. */
    @Override
    public void close() {
        timer.shutdownNow();
        try {
            var unused = timer.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (isTerminal) {
            writer.print("\r\033[K");
            writer.flush();
        }
    }
}
