package io.lorica.inference.adapter;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import io.lorica.contracts.error.ErrorKind;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.AdapterId;
import io.lorica.contracts.id.ModelName;
import io.lorica.contracts.id.Owner;
import jakarta.inject.Singleton;

/// The callers to whom fine-tuned models and their checkpoints belong. Safe for many threads.
@Singleton
public final class ModelOwners {

    private final AdapterFetcher fetcher;
    private final Map<AdapterId, Owner> owners = new ConcurrentHashMap<>();

    ModelOwners(AdapterFetcher fetcher) {
        this.fetcher = fetcher;
    }

    /// Takes the news of whose an adapter is.
    public void learn(AdapterId adapter, Owner owner) {
        owners.put(adapter, owner);
    }

    /// Tells whether a model heard of belongs to the caller; false where nobody can tell whose it is.
    public boolean listedFor(ModelName name, Owner caller) {
        return AdapterKey.of(name)
                .map(key -> ownerIfKnown(key).filter(caller::equals).isPresent())
                .orElse(true);
    }

    /// Refuses another caller's model as one that does not exist. Where no event has told of it, the store is asked.
    ///
    /// @throws ProductException with `MODEL_NOT_FOUND`
    public void require(ModelName name, Owner caller) {
        if (AdapterKey.of(name)
                .flatMap(this::owner)
                .filter(owner -> !owner.equals(caller))
                .isPresent()) {
            throw AdapterRegistry.missing(name.toString());
        }
    }

    private Optional<Owner> ownerIfKnown(AdapterKey key) {
        try {
            return owner(key);
        } catch (ProductException e) {
            // The store is away: a list of what is known is better than none.
            return Optional.empty();
        }
    }

    // Empty for what does not exist, which whoever looks for it will say.
    private Optional<Owner> owner(AdapterKey key) {
        Owner known = owners.get(key.adapter());
        if (known != null) {
            return Optional.of(known);
        }
        try {
            Owner found = fetcher.manifest(key.manifest()).spec().owner();
            owners.put(key.adapter(), found);
            return Optional.of(found);
        } catch (ProductException e) {
            if (e.code().kind() == ErrorKind.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
