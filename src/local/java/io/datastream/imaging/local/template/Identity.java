package io.datastream.imaging.local.template;

import java.util.Map;
import java.util.Optional;

/**
 * What a resource is called from outside.
 *
 * @param reference what {@code Ref} gives
 * @param attributes what {@code Fn::GetAtt} gives
 */
record Identity(String reference, Map<String, String> attributes) {
    Optional<String> attribute(String name) {
        return Optional.ofNullable(attributes.get(name));
    }
}
