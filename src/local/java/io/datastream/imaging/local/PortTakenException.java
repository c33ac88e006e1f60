package io.datastream.imaging.local;

/** The port that a service was to listen on is not free. */
public final class PortTakenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int port;

    PortTakenException(String service, int port, Throwable cause) {
        super("port " + port + " for " + service + " is taken", cause);
        this.port = port;
    }

    public int port() {
        return port;
    }
}
