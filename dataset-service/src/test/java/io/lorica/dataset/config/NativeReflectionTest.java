package io.lorica.dataset.config;

import java.util.Arrays;

import io.lorica.contracts.event.EventType;
import io.quarkus.runtime.annotations.RegisterForReflection;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

class NativeReflectionTest {

    @Test
    void keepsEveryEvent() {
        // Given
        Class<?>[] kept = NativeReflection.class
                .getAnnotation(RegisterForReflection.class)
                .targets();

        // When
        var events = Arrays.stream(EventType.values()).<Class<?>>map(EventType::data);

        // Then
        assertThat(kept).contains(events.toArray(Class<?>[]::new));
    }

    @Test
    void namesOnlyClassesOfTheStoresClientThatThereAre() {
        assertThat(NativeReflection.StoreClient.class
                        .getAnnotation(RegisterForReflection.class)
                        .classNames())
                .isNotEmpty()
                .allSatisfy(name -> assertThatCode(() -> Class.forName(name)).doesNotThrowAnyException());
    }
}
