package io.datastream.imaging.metadata;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * How a hospital names its files: a regular expression that matches a whole file name and captures the patient ID in
 * the named group {@code patientId}.
 *
 * <p>A match may read {@value #BUDGET} characters. If a pattern backtracks further on a name, that name is rejected, and
 * the function does not hang.
 */
public final class PatientIdPattern {

    /** {@code patient-0001_chest.dcm}, {@code patient-0001.DCM}. */
    public static final String DEFAULT = "patient-(?<patientId>[0-9]+)(?:_.*)?\\.(?i:dcm)";

    /** A name of 1,024 characters, each read a hundred times: well under a millisecond. */
    private static final int BUDGET = 100_000;

    private static final String GROUP = "patientId";

    /** Result of matching a file name. */
    public sealed interface Match {

        /** The patient ID, not empty. */
        record Found(String patientId) implements Match {}

        /** The pattern does not match, or captures nothing. */
        record None() implements Match {}

        /** The pattern backtracks too much on this name. */
        record OverBudget() implements Match {}
    }

    private final Pattern pattern;
    private final int group;

    private PatientIdPattern(Pattern pattern, int group) {
        this.pattern = pattern;
        this.group = group;
    }

    /**
     * Compiles the pattern.
     *
     * @param regularExpression in {@link Pattern}'s syntax, with a named group {@code patientId}
     * @throws IllegalArgumentException saying what is wrong with the expression
     */
    public static PatientIdPattern compile(String regularExpression) {
        Pattern pattern;
        try {
            pattern = Pattern.compile(regularExpression);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "the patient ID pattern is no regular expression: " + e.getDescription() + " near index "
                            + e.getIndex(),
                    e);
        }
        Integer group = pattern.namedGroups().get(GROUP);
        if (group == null) {
            throw new IllegalArgumentException("the patient ID pattern lacks the named group (?<" + GROUP
                    + ">...), which captures the patient ID");
        }
        return new PatientIdPattern(pattern, group);
    }

    /**
     * Looks for the patient ID.
     *
     * @param fileName the key after its last {@code /}
     * @return the patient ID, if the pattern matches the whole name
     */
    public Match match(String fileName) {
        Matcher matcher = pattern.matcher(new Budgeted(fileName));
        try {
            if (!matcher.matches()) {
                return new Match.None();
            }
        } catch (BudgetExceeded | StackOverflowError tooMuch) {
            // Some repetitions recurse for each character and use up the stack before the budget.
            return new Match.OverBudget();
        }
        int start = matcher.start(group);
        int end = matcher.end(group);
        return start == end ? new Match.None() : new Match.Found(fileName.substring(start, end));
    }

    /** A file name that counts the characters which the matcher reads. */
    private static final class Budgeted implements CharSequence {
        private final String text;
        private int left = BUDGET;

        Budgeted(String text) {
            this.text = text;
        }

        @Override
        public char charAt(int index) {
            if (left-- == 0) {
                throw new BudgetExceeded();
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }
    }

    private static final class BudgetExceeded extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BudgetExceeded() {
            super(null, null, false, false);
        }
    }
}
