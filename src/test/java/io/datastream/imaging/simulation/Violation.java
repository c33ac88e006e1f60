package io.datastream.imaging.simulation;

/** A promise that a run broke. */
record Violation(Check check, String text) {}
