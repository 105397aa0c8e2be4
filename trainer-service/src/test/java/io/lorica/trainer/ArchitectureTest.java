package io.lorica.trainer;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import jakarta.inject.Inject;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

class ArchitectureTest {

    private static final JavaClasses SERVICE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.lorica.trainer");

    @Test
    void domainKnowsNoEdge() {
        noClasses()
                .that()
                .resideInAPackage("..job..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.lorica.trainer.api..",
                        "io.lorica.trainer.messaging..",
                        "io.lorica.trainer.journal..",
                        "io.lorica.trainer.execution..",
                        "io.lorica.trainer.config..",
                        "io.quarkus..",
                        "jakarta.ws..",
                        "org.eclipse.microprofile..",
                        "org.apache.kafka..")
                .check(SERVICE);
    }

    @Test
    void httpStaysInApi() {
        noClasses()
                .that()
                .resideOutsideOfPackage("..api..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("jakarta.ws.rs..", "org.jboss.resteasy..")
                .check(SERVICE);
    }

    @Test
    void kafkaStaysInMessagingAndJournal() {
        noClasses()
                .that()
                .resideOutsideOfPackages("..messaging..", "..journal..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.apache.kafka..", "io.smallrye.reactive.messaging..", "org.eclipse.microprofile.reactive..")
                .check(SERVICE);
    }

    @Test
    void neitherTheStoresClientNorTensorsShow() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.minio..", "okhttp3..", "ai.djl..")
                .check(SERVICE);
    }

    @Test
    void knowsNoOtherService() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.lorica.dataset..", "io.lorica.inference..", "io.lorica.gateway..")
                .check(SERVICE);
    }

    @Test
    void packagesFormNoCycle() {
        slices().matching("io.lorica.trainer.(*)..").should().beFreeOfCycles().check(SERVICE);
    }

    @Test
    void nothingIsInjectedIntoFields() {
        noFields().should().beAnnotatedWith(Inject.class).check(SERVICE);
    }

    @Test
    void everyPackageIsNullMarked() {
        assertThat(SERVICE.stream().map(JavaClass::getPackage).distinct())
                .isNotEmpty()
                .allSatisfy(each -> assertThat(each.isAnnotatedWith(NullMarked.class))
                        .as(each.getName())
                        .isTrue());
    }
}
