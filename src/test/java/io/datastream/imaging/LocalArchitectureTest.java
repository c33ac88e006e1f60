package io.datastream.imaging;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.nio.file.Files;
import java.nio.file.Path;

/** The embedded cloud's packages, and that the shipped code does not use them. */
@AnalyzeClasses(packagesOf = Fixtures.class, importOptions = LocalArchitectureTest.MainAndLocal.class)
class LocalArchitectureTest {

    private static final String LOCAL = "io.datastream.imaging.local";

    /** The classes of src/main and src/local. Those of src/local are compiled beside the tests. */
    static final class MainAndLocal implements ImportOption {
        @Override
        public boolean includes(Location location) {
            String path = location.asURI().getSchemeSpecificPart();
            String source = path.substring(Math.max(0, path.lastIndexOf("/io/datastream/")))
                    .replaceFirst("(\\$.*)?\\.class$", ".java");
            return Files.exists(Path.of("src/main/java" + source)) || Files.exists(Path.of("src/local/java" + source));
        }
    }

    @ArchTest
    static final ArchRule noImportRunsBackUp = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("template")
            .definedBy(LOCAL + ".template..")
            .layer("lambda")
            .definedBy(LOCAL + ".lambda..")
            .layer("local")
            .definedBy(LOCAL)
            .layer("run")
            .definedBy(LOCAL + ".run..")
            .whereLayer("template")
            .mayNotAccessAnyLayer()
            .whereLayer("lambda")
            .mayNotAccessAnyLayer()
            .whereLayer("local")
            .mayOnlyAccessLayers("template", "lambda")
            .whereLayer("run")
            .mayOnlyAccessLayers("template", "lambda", "local");

    @ArchTest
    static final ArchRule noPackagesAreInACycle =
            slices().matching("io.datastream.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule shippedCodeDoesNotUseTheEmbeddedCloud = noClasses()
            .that()
            .resideOutsideOfPackage(LOCAL + "..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(LOCAL + "..");

    @ArchTest
    static final ArchRule onlyTheRunUsesTheShippedCode = noClasses()
            .that()
            .resideInAPackage(LOCAL + "..")
            .and()
            .resideOutsideOfPackage(LOCAL + ".run..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.datastream.imaging.notification..",
                    "io.datastream.imaging.metadata..",
                    "io.datastream.imaging.ingest..",
                    "io.datastream.imaging.deadletter..",
                    "io.datastream.imaging.cli..");
}
