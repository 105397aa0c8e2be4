package io.lorica.gateway;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

class ArchitectureTest {

    private static final JavaClasses GATEWAY = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.lorica.gateway");

    @Test
    void routesAndKeysKnowNoHttpServer() {
        noClasses()
                .that()
                .resideInAnyPackage("..route..", "..access..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.vertx..", "io.quarkus..", "jakarta..")
                .check(GATEWAY);
    }

    @Test
    void nothingStandsOnTheEdge() {
        classes()
                .that()
                .resideInAPackage("..api..")
                .should()
                .onlyHaveDependentClassesThat()
                .resideInAPackage("..api..")
                .check(GATEWAY);
    }

    @Test
    void packagesFormNoCycle() {
        slices().matching("io.lorica.gateway.(*)..").should().beFreeOfCycles().check(GATEWAY);
    }

    @Test
    void needsNoBrokerAndNoStore() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.lorica.kit..", "io.lorica.storage..", "org.apache.kafka..", "io.minio..")
                .check(GATEWAY);
    }
}
