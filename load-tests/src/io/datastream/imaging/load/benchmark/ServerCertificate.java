package io.datastream.imaging.load.benchmark;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A self-signed certificate for {@code localhost}, made by the JDK's keytool in a temporary folder.
 *
 * @param keyStore PKCS 12; also the trust store of a client that accepts the certificate
 * @param context for a server that presents the certificate
 */
record ServerCertificate(Path keyStore, SSLContext context) {

    private static final String PASSWORD = "changeit";

    static ServerCertificate create() {
        try {
            Path folder = Files.createTempDirectory("imaging-certificate-");
            Path keyStore = folder.resolve("localhost.p12");
            List<String> command = new ArrayList<>();
            command.add(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
            command.add("-genkeypair");
            Map.of(
                            "-alias", "dynamodb",
                            "-keyalg", "EC",
                            "-groupname", "secp256r1",
                            "-dname", "CN=localhost",
                            "-ext", "san=dns:localhost,ip:127.0.0.1",
                            "-validity", "2",
                            "-storetype", "PKCS12",
                            "-keystore", keyStore.toString(),
                            "-storepass", PASSWORD)
                    .forEach((option, value) -> command.addAll(List.of(option, value)));
            Process keytool = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (keytool.waitFor() != 0) {
                throw new IllegalStateException("keytool could not make a certificate in " + folder);
            }
            keyStore.toFile().deleteOnExit();
            folder.toFile().deleteOnExit();
            return new ServerCertificate(keyStore, context(keyStore));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("keytool's certificate cannot be used", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while keytool made a certificate", e);
        }
    }

    private static SSLContext context(Path keyStore) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream file = Files.newInputStream(keyStore)) {
            store.load(file, PASSWORD.toCharArray());
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    /** JVM options of a client that accepts this certificate and no other. */
    String trustOptions() {
        return "-Djavax.net.ssl.trustStore=%s -Djavax.net.ssl.trustStorePassword=%s".formatted(keyStore, PASSWORD);
    }
}
