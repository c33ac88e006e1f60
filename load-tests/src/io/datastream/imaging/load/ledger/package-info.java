/** What was uploaded, what became of it, and the judgement on it. Knows nothing of how uploads are made. */
@NullMarked
package io.datastream.imaging.load.ledger;

import org.jspecify.annotations.NullMarked;
