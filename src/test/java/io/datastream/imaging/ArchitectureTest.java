package io.datastream.imaging;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packagesOf = Fixtures.class, importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String ROOT = "io.datastream.imaging.";

    @ArchTest
    static final ArchRule dataFlowsOneWay = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("notification")
            .definedBy(ROOT + "notification..")
            .layer("metadata")
            .definedBy(ROOT + "metadata..")
            .layer("ingest")
            .definedBy(ROOT + "ingest..")
            .layer("deadletter")
            .definedBy(ROOT + "deadletter..")
            .layer("reconcile")
            .definedBy(ROOT + "reconcile..")
            .layer("status")
            .definedBy(ROOT + "status..")
            .layer("cli")
            .definedBy(ROOT + "cli..")
            .whereLayer("notification")
            .mayNotAccessAnyLayer()
            .whereLayer("metadata")
            .mayOnlyAccessLayers("notification")
            .whereLayer("ingest")
            .mayOnlyAccessLayers("notification", "metadata")
            .whereLayer("deadletter")
            .mayOnlyAccessLayers("notification", "metadata")
            .whereLayer("reconcile")
            .mayOnlyAccessLayers("notification", "metadata")
            .whereLayer("status")
            .mayOnlyAccessLayers("deadletter")
            .whereLayer("cli")
            .mayOnlyAccessLayers("notification", "metadata", "deadletter", "reconcile", "status");

    @ArchTest
    static final ArchRule theFirstStepsKnowNoClient = noClasses()
            .that()
            .resideInAnyPackage(ROOT + "notification..", ROOT + "metadata..")
            .should()
            .dependOnClassesThat()
            .haveSimpleNameEndingWith("Client");

    @ArchTest
    static final ArchRule notificationKnowsNoAwsLibrary = noClasses()
            .that()
            .resideInAPackage(ROOT + "notification..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("software.amazon..", "com.amazonaws..");

    @ArchTest
    static final ArchRule theCoreReadsNoWallClock = noClasses()
            .that()
            .resideInAnyPackage(ROOT + "notification..", ROOT + "metadata..")
            .should()
            .callMethod(java.time.Instant.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis");

    @ArchTest
    static final ArchRule onlyTheCommandLinePrints = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + "cli..")
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err");

    @ArchTest
    static final ArchRule everythingIsInALayer = classes()
            .should()
            .resideInAnyPackage(
                    ROOT + "notification..",
                    ROOT + "metadata..",
                    ROOT + "ingest..",
                    ROOT + "deadletter..",
                    ROOT + "reconcile..",
                    ROOT + "status..",
                    ROOT + "cli..");
}
