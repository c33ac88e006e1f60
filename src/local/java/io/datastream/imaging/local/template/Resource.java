package io.datastream.imaging.local.template;

/**
 * A resource of an evaluated template.
 *
 * @param logicalId its name in the template
 * @param type such as {@code AWS::SQS::Queue}
 * @param properties evaluated; what is {@code AWS::NoValue} is not there
 * @param attributes what stands beside the properties, as it is written: {@code DeletionPolicy},
 *     {@code UpdateReplacePolicy}, {@code DependsOn} and so on
 */
public record Resource(String logicalId, String type, PropertyMap properties, PropertyMap attributes) {}
