package io.datastream.imaging.cli;

import java.io.Console;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** How far a run is: a bar that is drawn anew on a terminal, a line now and then in a pipe. */
final class Progress {

    private static final int BAR_WIDTH = 24;
    private static final long BAR_MILLISECONDS = 200;
    private static final long LINE_MILLISECONDS = 5_000;

    private final PrintWriter writer;
    private final boolean isTerminal;
    private final String verb;
    private final LongSupplier done;
    private final long total;
    private final long startedAt = System.nanoTime();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("progress").factory());

    private Progress(PrintWriter writer, boolean isTerminal, String verb, LongSupplier done, long total) {
        this.writer = writer;
        this.isTerminal = isTerminal;
        this.verb = verb;
        this.done = done;
        this.total = total;
    }

    static Progress show(PrintWriter writer, String verb, LongSupplier done, long total) {
        Progress progress = new Progress(writer, isTerminal(), verb, done, total);
        long period = progress.isTerminal ? BAR_MILLISECONDS : LINE_MILLISECONDS;
        var unused = progress.timer.scheduleAtFixedRate(progress::print, period, period, TimeUnit.MILLISECONDS);
        return progress;
    }

    @SuppressWarnings(
            "SystemConsoleNull") // JDK 22 to 24 never returned null; 25 does again where there is no terminal.
    private static boolean isTerminal() {
        @Nullable Console console = System.console();
        return console != null && console.isTerminal();
    }

    private void print() {
        String text = text(done.getAsLong(), total, (System.nanoTime() - startedAt) / 1e9);
        if (isTerminal) {
            writer.print("\r" + text + "\033[K");
        } else {
            writer.println(text.strip());
        }
        writer.flush();
    }

    private String text(long count, long expected, double seconds) {
        String numbers = String.format(
                Locale.ROOT,
                "%s %,d%s, %,.0f a second",
                verb,
                count,
                expected == 0 ? "" : String.format(Locale.ROOT, " of about %,d", expected),
                count / seconds);
        if (!isTerminal || expected == 0) {
            return numbers;
        }
        int filled = (int) Math.min(BAR_WIDTH, BAR_WIDTH * count / expected);
        return "[" + "#".repeat(filled) + " ".repeat(BAR_WIDTH - filled) + "] " + numbers;
    }

    /** The bar goes; what was printed as lines stays. */
    void end() {
        timer.shutdownNow();
        try {
            timer.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (isTerminal) {
            writer.print("\r\033[K");
            writer.flush();
        }
    }
}
