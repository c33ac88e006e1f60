package io.datastream.imaging.local;

import java.util.List;
import java.util.Map;

/** An HTTP answer on its way through a {@link FaultProxy}. */
record ProxyAnswer(int status, Map<String, List<String>> headers, byte[] body) {}
