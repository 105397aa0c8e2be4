package io.lorica.inference.api;

import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.ModelName;
import io.lorica.inference.adapter.ModelOwners;
import io.lorica.kit.http.Caller;
import io.lorica.models.ModelAccess;
import jakarta.inject.Singleton;

/// The models that a caller may ask for, see and delete: fine-tuned ones that belong to it, and base models that the
/// configuration lets it name.
@Singleton
final class ModelPermission {

    private final ModelOwners owners;
    private final ModelAccess access;
    private final Caller caller;

    ModelPermission(ModelOwners owners, ModelAccess access, Caller caller) {
        this.owners = owners;
        this.access = access;
        this.caller = caller;
    }

    /// Refuses a model that the caller may not use, as one that does not exist.
    ///
    /// @throws io.lorica.contracts.error.ProductException with `MODEL_NOT_FOUND`
    void require(ModelName name) {
        if (name instanceof ModelName.Base base) {
            access.require(base.model(), caller.shared());
        } else {
            owners.require(name, caller.owner());
        }
    }

    /// Tells whether a list of the caller's models has this one.
    boolean lists(ModelName name) {
        return name instanceof ModelName.Base base
                ? access.allows(base.model(), caller.shared())
                : owners.listedFor(name, caller.owner());
    }

    /// The name of a base model for the caller.
    String label(BaseModelId base) {
        return access.label(base, caller.shared());
    }
}
