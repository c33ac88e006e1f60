package io.datastream.imaging.status;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.AlarmType;
import software.amazon.awssdk.services.cloudwatch.model.MetricAlarm;
import software.amazon.awssdk.services.cloudwatch.model.StateValue;

/** The state of every alarm of a stack, as CloudWatch reports it. */
final class StackAlarms {

    private StackAlarms() {}

    /** Reads the alarms in one call. Each alarm of the template has a check, and so has every other of the stack. */
    static List<Check> read(CloudWatchClient cloudWatch, String stackName) {
        String prefix = stackName + "-";
        List<MetricAlarm> alarms = cloudWatch
                .describeAlarmsPaginator(
                        request -> request.alarmNamePrefix(prefix).alarmTypes(AlarmType.METRIC_ALARM))
                .metricAlarms()
                .stream()
                .toList();
        List<Check> checks = new ArrayList<>();
        Set<String> known = new HashSet<>();
        for (WatchedAlarm watched : WatchedAlarm.values()) {
            String name = prefix + watched.suffix();
            known.add(name);
            Optional<MetricAlarm> alarm =
                    alarms.stream().filter(one -> one.alarmName().equals(name)).findFirst();
            if (alarm.isPresent()) {
                checks.add(check(watched.suffix(), alarm.get(), watched.condition()));
            } else if (!watched.isOptional()) {
                checks.add(Check.problem(
                        name(watched.suffix()), "the stack has no such alarm any more: deploy the template again"));
            }
        }
        alarms.stream()
                .filter(alarm -> !known.contains(alarm.alarmName()))
                .forEach(alarm -> checks.add(check(alarm.alarmName().substring(prefix.length()), alarm, "")));
        return checks;
    }

    /** Checks for all alarms of the template, for when CloudWatch does not answer. */
    static List<Check> unknown(String reason) {
        return Arrays.stream(WatchedAlarm.values())
                .filter(watched -> !watched.isOptional())
                .map(watched -> Check.unknown(name(watched.suffix()), watched.condition() + "? " + reason))
                .toList();
    }

    private static Check check(String suffix, MetricAlarm alarm, String condition) {
        StateValue state = alarm.stateValue();
        if (state == StateValue.ALARM) {
            return Check.problem(
                    name(suffix),
                    condition + ". " + alarm.stateReason() + " See cloudformation/RUNBOOK.md, alarm-" + suffix);
        }
        if (state != StateValue.OK) {
            return Check.unknown(name(suffix), condition + "? " + alarm.stateReason());
        }
        return Boolean.FALSE.equals(alarm.actionsEnabled())
                ? Check.problem(name(suffix), "its actions are switched off, so it sends no notification")
                : Check.ok(name(suffix), "off. On if " + condition);
    }

    private static String name(String suffix) {
        return "alarm " + suffix;
    }
}
