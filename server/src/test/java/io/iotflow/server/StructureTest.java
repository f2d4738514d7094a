package io.iotflow.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import org.junit.jupiter.api.Test;

/// Which package may use which.
class StructureTest {
    private static final JavaClasses SERVER =
            new ClassFileImporter().withImportOption(new DoNotIncludeTests()).importPackages("io.iotflow.server");

    @Test
    void packagesFormNoCycle() {
        slices().matching("io.iotflow.server.(*)..").should().beFreeOfCycles().check(SERVER);
    }

    @Test
    void coreUsesNoOtherPackage() {
        noClasses().that().resideInAPackage("..server.core..")
                .should().dependOnClassesThat(outside("io.iotflow.server.core")).check(SERVER);
    }

    @Test
    void plumbingKnowsNoFeature() {
        noClasses().that().resideInAnyPackage("..server.http..", "..server.database..", "..server.journal..",
                        "..server.certificate..", "..server.limits..", "..server.language..")
                .should().dependOnClassesThat().resideInAnyPackage(
                        "..server.device..", "..server.ingest..", "..server.telemetry..", "..server.live..",
                        "..server.command..", "..server.configuration..", "..server.operations..",
                        "..server.audit..", "..server.access..", "..server.encryption..", "..server.devicetype..",
                        "..server.sensor..")
                .allowEmptyShould(true).check(SERVER);
    }

    private static com.tngtech.archunit.base.DescribedPredicate<com.tngtech.archunit.core.domain.JavaClass> outside(
            String home) {
        return com.tngtech.archunit.base.DescribedPredicate.describe("are the platform's, outside " + home,
                type -> type.getPackageName().startsWith("io.iotflow.server")
                        && !type.getPackageName().startsWith(home));
    }
}
