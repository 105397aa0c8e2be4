package io.lorica.inference;

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
            .importPackages("io.lorica.inference");

    @Test
    void reasoningKnowsNobody() {
        noClasses()
                .that()
                .resideInAPackage("..reasoning..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.quarkus..", "jakarta..", "io.lorica.kit..", "io.lorica.storage..", "io.lorica.llm..")
                .check(SERVICE);
    }

    @Test
    void domainKnowsNoEdge() {
        noClasses()
                .that()
                .resideInAnyPackage("..adapter..", "..engine..", "..reasoning..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.lorica.inference.api..", "io.lorica.inference.messaging..")
                .check(SERVICE);
    }

    @Test
    void adaptersHoldNoTensors() {
        noClasses()
                .that()
                .resideInAPackage("..adapter..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.lorica.llm..", "io.lorica.inference.engine..")
                .check(SERVICE);
    }

    @Test
    void httpStaysInApi() {
        noClasses()
                .that()
                .resideOutsideOfPackage("..api..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("jakarta.ws.rs..", "org.jboss.resteasy..", "io.vertx..")
                .check(SERVICE);
    }

    @Test
    void kafkaStaysInMessaging() {
        noClasses()
                .that()
                .resideOutsideOfPackage("..messaging..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.kafka..")
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
                .resideInAnyPackage("io.lorica.dataset..", "io.lorica.trainer..", "io.lorica.gateway..")
                .check(SERVICE);
    }

    @Test
    void packagesFormNoCycle() {
        slices().matching("io.lorica.inference.(*)..").should().beFreeOfCycles().check(SERVICE);
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
