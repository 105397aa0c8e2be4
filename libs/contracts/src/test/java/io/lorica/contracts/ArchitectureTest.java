package io.lorica.contracts;

import java.lang.annotation.Annotation;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

class ArchitectureTest {

    private static final JavaClasses CONTRACTS = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.lorica.contracts");

    @Test
    void needsNothingButJavaAndAnnotations() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "io.lorica.contracts..",
                        "java..",
                        "com.fasterxml.jackson.annotation..",
                        "org.jspecify.annotations..")
                .check(CONTRACTS);
    }

    @Test
    void packagesFormNoCycle() {
        slices().matching("io.lorica.contracts.(*)..").should().beFreeOfCycles().check(CONTRACTS);
    }

    @Test
    void everyPackageIsNullMarked() {
        assertThat(CONTRACTS.stream().map(JavaClass::getPackage).distinct())
                .isNotEmpty()
                .allSatisfy(each -> assertThat(each.isAnnotatedWith((Class<? extends Annotation>) NullMarked.class))
                        .as(each.getName())
                        .isTrue());
    }

    @Test
    void everyValueIsImmutable() {
        classes()
                .that()
                .areNotInterfaces()
                .and()
                .areNotEnums()
                .and()
                .areNotAnonymousClasses()
                .should()
                .haveModifier(JavaModifier.FINAL)
                .andShould()
                .haveOnlyFinalFields()
                .check(CONTRACTS);
    }
}
