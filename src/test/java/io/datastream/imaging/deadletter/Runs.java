package io.datastream.imaging.deadletter;

import io.datastream.imaging.metadata.MessageReader;
import io.datastream.imaging.metadata.PatientIdPattern;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/** Runs of a drain on queues in memory. */
final class Runs {

    static final String DLQ = "dlq";
    static final String QUEUE = "queue";
    static final MessageReader READER = new MessageReader(PatientIdPattern.compile(PatientIdPattern.DEFAULT));
    static final Replay.Settings ALL =
            new Replay.Settings(Selection.ALL, false, false, false, OptionalDouble.empty(), OptionalLong.empty());

    final FakeTime time = new FakeTime();
    final FakeSqs sqs = new FakeSqs(time);
    final Retries retries = new Retries(time, time, new Random(1));
    final Queue deadLetters = new Queue(sqs, DLQ, retries);
    final Queue queue = new Queue(sqs, QUEUE, retries);
    MessageExaminer examiner = new MessageExaminer(READER, Optional.empty());

    Drain.Report run(Action action) {
        return drain(action).run();
    }

    Drain drain(Action action) {
        return new Drain(deadLetters, examiner, action, time, time);
    }

    Replay replay() {
        return replay(ALL);
    }

    Replay replay(Replay.Settings settings) {
        return new Replay(queue, settings, time, time);
    }

    static Replay.Settings rate(double perSecond) {
        return new Replay.Settings(
                Selection.ALL, false, false, false, OptionalDouble.of(perSecond), OptionalLong.empty());
    }

    static Selection reason(String reason) {
        return new Selection(Set.of(reason), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** Uploads with different keys. */
    static List<String> uploads(int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> Uploads.body("ward/patient-%06d.dcm".formatted(number)))
                .toList();
    }

    List<String> addUploads(int count) {
        List<String> bodies = uploads(count);
        bodies.forEach(body -> sqs.add(DLQ, body));
        return bodies;
    }
}
