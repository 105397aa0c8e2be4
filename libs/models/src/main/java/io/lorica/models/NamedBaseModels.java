package io.lorica.models;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ErrorKind;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import org.jboss.logging.Logger;

/// Base models by the names that the operator gave them, and all others as they are called. What fails with a named one
/// is told without its place, which is the operator's.
///
/// @param names the names
/// @param places models by their places
public record NamedBaseModels(ModelNames names, BaseModels places) implements BaseModels {

    private static final Logger LOG = Logger.getLogger(NamedBaseModels.class);

    @Override
    public BaseModelProfile profile(BaseModelId model) {
        return at(model, places::profile);
    }

    @Override
    public Path fetch(BaseModelId model, FetchProgress progress) {
        return at(model, place -> places.fetch(place, progress));
    }

    @Override
    public Optional<Path> here(BaseModelId model) {
        return at(model, places::here);
    }

    @Override
    public Optional<Path> adapter(BaseModelId model) {
        return at(model, places::adapter);
    }

    private <T> T at(BaseModelId model, Function<BaseModelId, T> question) {
        Optional<BaseModelId> place = names.place(model);
        if (place.isEmpty()) {
            return question.apply(model);
        }
        try {
            return question.apply(place.get());
        } catch (ProductException e) {
            throw inTermsOfTheName(model, place.get(), e);
        }
    }

    private static ProductException inTermsOfTheName(BaseModelId model, BaseModelId place, ProductException failure) {
        LOG.errorf("a named model cannot be used model=%s place=%s: %s", model, place, failure.detail());
        ErrorCode code = failure.code().kind() == ErrorKind.NOT_FOUND ? ErrorCode.UNSUPPORTED_MODEL : failure.code();
        return ProductException.forParameter(
                code,
                "model",
                "The model '" + model + "' cannot be used at present: its files are missing, damaged or not supported."
                        + " Tell the operator of this installation; the service's log says more.");
    }
}
