package io.iotflow.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Which package may use which.
class StructureTest {
    private static final String HOME = "io.iotflow.server";
    private static final Pattern QUOTED = Pattern.compile("`([^`]*)`");
    private static final JavaClasses SERVER =
            new ClassFileImporter().withImportOption(new DoNotIncludeTests()).importPackages(HOME);

    @Test
    void packagesFormNoCycle() {
        slices().matching("io.iotflow.server.(*)..").should().beFreeOfCycles().check(SERVER);
    }

    @Test
    void coreUsesNoOtherPackage() {
        noClasses().that().resideInAPackage("..server.core..")
                .should().dependOnClassesThat(outside(HOME + ".core")).check(SERVER);
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

    /// The table of packages in ARCHITECTURE.md; what all use, `core`, is not named there.
    @Test
    void packagesUseWhatTheArchitectureSays() throws IOException {
        var packages = SERVER.stream().map(StructureTest::name).collect(Collectors.toCollection(TreeSet::new));
        packages.removeAll(List.of("", "core"));
        var used = new TreeMap<String, Set<String>>();
        for (var type : SERVER) {
            var uses = used.computeIfAbsent(name(type), _ -> new TreeSet<>());
            for (var it : type.getDirectDependenciesFromSelf()) {
                var other = it.getTargetClass();
                if (other.getPackageName().startsWith(HOME)) uses.add(name(other));
            }
            uses.retainAll(packages);
            uses.remove(name(type));
        }
        used.keySet().retainAll(packages);
        var said = new TreeMap<String, Set<String>>();
        for (var line : Files.readAllLines(Path.of("../ARCHITECTURE.md"))) {
            var cells = line.split(" *[|] *");
            if (cells.length < 5 || !packages.contains(cells[1].replace("`", ""))) continue;
            var uses = QUOTED.matcher(cells[4]).results().map(it -> it.group(1))
                    .filter(packages::contains).collect(Collectors.toCollection(TreeSet::new));
            said.put(cells[1].replace("`", ""), uses);
        }
        assertThat(said.entrySet()).containsExactlyInAnyOrderElementsOf(used.entrySet());
    }

    private static String name(JavaClass type) {
        var name = type.getPackageName().substring(HOME.length());
        return name.isEmpty() ? "" : name.substring(1);
    }

    private static DescribedPredicate<JavaClass> outside(String home) {
        return DescribedPredicate.describe("are the platform's, outside " + home,
                type -> type.getPackageName().startsWith(HOME)
                        && !type.getPackageName().startsWith(home));
    }
}
