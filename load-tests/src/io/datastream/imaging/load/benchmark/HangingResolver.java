package io.datastream.imaging.load.benchmark;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.stream.Stream;

/**
 * In the function's JVM: never resolves {@value #HOST}, and cannot be interrupted, as the system's resolver cannot.
 * Other names are resolved as ever.
 */
public final class HangingResolver extends InetAddressResolverProvider {

    static final String HOST = "hanging.invalid";

    @Override
    public InetAddressResolver get(Configuration configuration) {
        InetAddressResolver builtIn = configuration.builtinResolver();
        return new InetAddressResolver() {
            @Override
            public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) throws UnknownHostException {
                while (host.equals(HOST)) {
                    sleep();
                }
                return builtIn.lookupByName(host, policy);
            }

            @Override
            public String lookupByAddress(byte[] address) throws UnknownHostException {
                return builtIn.lookupByAddress(address);
            }
        };
    }

    private static void sleep() {
        try {
            Thread.sleep(60_000);
        } catch (InterruptedException ignored) {
            // The system's resolver would not notice either.
        }
    }

    @Override
    public String name() {
        return "hanging";
    }
}
