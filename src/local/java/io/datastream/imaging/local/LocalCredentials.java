package io.datastream.imaging.local;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** The only credentials that the embedded cloud accepts. They are valid nowhere else. */
final class LocalCredentials {
    static final String ACCESS_KEY = "test";
    static final String SECRET_KEY = "test";

    static final StaticCredentialsProvider PROVIDER =
            StaticCredentialsProvider.create(AwsBasicCredentials.create(ACCESS_KEY, SECRET_KEY));

    private LocalCredentials() {}
}
