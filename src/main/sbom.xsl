<?xml version="1.0" encoding="UTF-8"?>
<!-- The bill of materials of one jar, from that of the whole project: without the components that are not in the jar. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:bom="http://cyclonedx.org/schema/bom/1.6">
  <xsl:param name="jar"/>
  <!-- Artifact IDs, each between two spaces. -->
  <xsl:param name="without"/>
  <xsl:key name="component" match="bom:components/bom:component" use="@bom-ref"/>

  <xsl:template match="@*|node()">
    <xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy>
  </xsl:template>
  <xsl:template match="bom:metadata/bom:component/bom:name">
    <xsl:copy><xsl:value-of select="$jar"/></xsl:copy>
  </xsl:template>
  <!-- The serial number is the whole project's. -->
  <xsl:template match="bom:bom/@serialNumber"/>
  <xsl:template match="bom:components/bom:component">
    <xsl:if test="not(contains($without, concat(' ', bom:name, ' ')))">
      <xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy>
    </xsl:if>
  </xsl:template>
  <xsl:template match="bom:dependency">
    <xsl:if test="not(contains($without, concat(' ', key('component', @ref)/bom:name, ' ')))">
      <xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy>
    </xsl:if>
  </xsl:template>
</xsl:stylesheet>
